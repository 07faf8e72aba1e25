"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const texts = new Map();

  /** The text of a packed part of the page. */
  async function unpacked(id) {
    if (!texts.has(id)) {
      const packed = atob(document.getElementById(id).textContent);
      const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      texts.set(id, await new Response(stream).text());
    }
    return texts.get(id);
  }

  // -- the table ------------------------------------------------------------------------------

  const table = document.getElementById("networks");
  const body = table && table.tBodies[0];
  const all = document.getElementById("all");
  const FEW = 50;

  function sort(header) {
    const column = header.cellIndex;
    const before = header.getAttribute("aria-sort");
    const opposite = before === "ascending" ? "descending" : "ascending";
    const order = before === "none" ? header.dataset.first : opposite;
    for (const other of header.parentNode.cells) other.setAttribute("aria-sort", "none");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...body.rows].filter((row) => row.id);
    const keyed = rows.map((row) => {
      const value = row.cells[column].dataset.value;
      return { row, detail: detailOf(row), value: value === undefined ? null : Number(value) };
    });
    keyed.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return sign * (a.value - b.value);
    });
    const sorted = document.createDocumentFragment();
    for (const { row, detail } of keyed) sorted.append(row, ...(detail ? [detail] : []));
    body.append(sorted);
    showFew();
  }

  /** Leaves the table short until it is asked for all of it. */
  function showFew() {
    if (!all || all.hidden) return;
    [...body.rows]
      .filter((row) => row.id)
      .forEach((row, i) => row.classList.toggle("more", i >= FEW && !detailOf(row)));
  }

  function detailOf(row) {
    const next = row.nextElementSibling;
    return next && next.classList.contains("detail") ? next : null;
  }

  async function open(row, shall) {
    const button = row.querySelector(".open");
    button.setAttribute("aria-expanded", String(shall));
    let detail = detailOf(row);
    if (!detail && shall) {
      detail = document.createElement("tr");
      detail.className = "detail";
      const cell = detail.insertCell();
      cell.colSpan = row.cells.length;
      row.after(detail);
      try {
        cell.innerHTML = await unpacked(`detail-${row.id.slice(6)}`);
      } catch (error) {
        cell.textContent = `This browser cannot unpack it: ${error}`;
      }
    }
    if (detail) detail.hidden = !shall;
  }

  async function goTo(row) {
    for (const marked of body.querySelectorAll(".marked")) marked.classList.remove("marked");
    row.classList.add("marked");
    row.classList.remove("more");
    await open(row, true);
    row.scrollIntoView({ block: "start" });
    row.querySelector(".open").focus({ preventScroll: true });
  }

  function goToHash() {
    const row = /^#trial-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (row) goTo(row);
  }

  async function copy(button) {
    const code = button.parentNode.querySelector("code");
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: press Ctrl-C";
    }
  }

  if (table) {
    table.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.closest("thead")) sort(button.closest("th"));
      else if (button.classList.contains("copy")) copy(button);
      else open(button.closest("tr"), button.getAttribute("aria-expanded") !== "true");
    });
    if (all) {
      all.hidden = false;
      showFew();
      all.addEventListener("click", () => {
        all.hidden = true;
        for (const row of [...body.rows]) row.classList.remove("more");
      });
    }
    addEventListener("hashchange", goToHash);
    goToHash();
  }

  // -- figures --------------------------------------------------------------------------------

  const plots = [...document.querySelectorAll(".plot")];
  const darker = JSON.parse(document.getElementById("dark").textContent);
  const colour = new RegExp(`"(${Object.keys(darker).join("|")})"`, "gi");
  let printing = false;

  /** What a narrow page has no room for: long titles of axes, buttons in a row. */
  function narrow(layout) {
    for (const menu of layout.updatemenus || []) menu.type = "dropdown";
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(name) || !axis.title || !axis.title.text) continue;
      axis.title.text = axis.title.text.replace(/(.{18,}?) /g, "$1<br>");
    }
  }

  function draw(plot, text) {
    const isDark = dark.matches && !printing;
    const figure = JSON.parse(
      isDark ? text.replace(colour, (_, name) => `"${darker[name.toLowerCase()]}"`) : text,
    );
    if (isDark) {
      // Plotly's pressed button is light whatever the page is.
      for (const menu of figure.layout.updatemenus || []) {
        Object.assign(menu, { bgcolor: "#b6bcc8", font: { ...menu.font, color: "#17191f" } });
      }
    }
    if (plot.clientWidth < 600) narrow(figure.layout);
    Plotly.react(plot, figure.data, figure.layout, { responsive: true, displaylogo: false });
    if (!plot.dataset.drawn && plot.dataset.name === "pareto-front" && table) {
      plot.on("plotly_click", ({ points }) => {
        const row = document.getElementById(`trial-${points[0].customdata}`);
        if (row) goTo(row);
      });
    }
    plot.dataset.drawn = isDark ? "dark" : "light";
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        unpacked(`figure-${target.dataset.name}`).then(
          (text) => draw(target, text),
          (error) => (target.textContent = `This browser cannot unpack it: ${error}`),
        );
      }
    },
    { rootMargin: "300px" },
  );
  for (const plot of plots) seen.observe(plot);

  function drawAgain() {
    for (const plot of plots) {
      const text = texts.get(`figure-${plot.dataset.name}`);
      if (text && (printing || plot.dataset.drawn)) draw(plot, text);
    }
  }
  dark.addEventListener("change", drawAgain);
  // Who prints sees all figures, dark on white; printing can't wait, so they are unpacked before.
  addEventListener("load", () => {
    for (const plot of plots) unpacked(`figure-${plot.dataset.name}`).catch(() => {});
  });
  addEventListener("beforeprint", () => {
    printing = true;
    drawAgain();
  });
  addEventListener("afterprint", () => {
    printing = false;
    drawAgain();
  });
})();
