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

  // Who can't see the last columns learns that there are more.
  const wide = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const region = target.parentNode;
      region.classList.toggle("cut", region.scrollWidth > region.clientWidth + 1);
    }
  });
  for (const inner of document.querySelectorAll(".wide > table")) wide.observe(inner);

  // -- figures --------------------------------------------------------------------------------

  const plots = [...document.querySelectorAll(".plot")];
  const darker = JSON.parse(document.getElementById("dark").textContent);
  const colour = new RegExp(`"(${Object.keys(darker).join("|")})"`, "gi");
  let printing = false;

  const broken = (text, least) => text.replace(new RegExp(`(.{${least},}?) `, "g"), "$1<br>");
  /** Letters of an axis' title in a line: bars that lie leave little room beside their names. */
  const titleOf = (data) => (data.some(({ orientation }) => orientation === "h") ? 9 : 18);
  const isNarrow = (plot) => plot.clientWidth < 600;

  /** What a narrow page has no room for: long titles of axes, long names beside the plot. */
  function narrow(data, layout) {
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(name) || !axis.title || !axis.title.text) continue;
      axis.title.text = broken(axis.title.text, titleOf(data));
    }
    if (layout.xaxis.ticktext) layout.xaxis.tickangle = -40; // so that the last one stays in
    const beside = (layout.annotations || []).filter(({ x, xanchor }) => x === 1 && xanchor === "left");
    for (const name of beside) {
      name.text = name.text.length > 20 ? broken(name.text, 9) : name.text;
      name.font.size = 10;
    }
    if (beside.length) layout.margin.r = Math.min(layout.margin.r, 110);
    // Three labels in each decade are too many where there are two or more.
    const { type, dtick } = layout.xaxis || {};
    const values = data.filter(({ xaxis = "x" }) => xaxis === "x").flatMap(({ x }) => x || []);
    const decades = Math.log10(Math.max(...values)) - Math.log10(Math.min(...values));
    if (type === "log" && dtick === "D2" && decades > 2) layout.xaxis.dtick = 1;
  }

  /** Buttons of the page in place of Plotly's, whose colours and widths are always the same. */
  function offer(plot, menus) {
    const buttons = menus.flatMap((menu) => menu.buttons);
    if (!buttons.length || plot.previousElementSibling.className === "choices") return;
    const choices = document.createElement("div");
    choices.className = "choices";
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", "What the horizontal axis counts");
    buttons.forEach(({ label, args }, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-pressed", String(i === 0));
      button.addEventListener("click", () => {
        for (const other of choices.children) {
          other.setAttribute("aria-pressed", String(other === button));
        }
        plot.dataset.choice = i;
        choose(plot, args);
      });
      choices.append(button);
    });
    plot.before(choices);
  }

  function choose(plot, [traces, layout]) {
    const entries = Object.entries(layout);
    const title = (text) => (isNarrow(plot) ? broken(text, titleOf(plot.data)) : text);
    Plotly.update(plot, traces, Object.fromEntries(entries.map(([key, text]) => [key, title(text)])));
  }

  function draw(plot, text) {
    const isDark = dark.matches && !printing;
    const { data, layout } = JSON.parse(
      isDark ? text.replace(colour, (_, name) => `"${darker[name.toLowerCase()]}"`) : text,
    );
    const menus = layout.updatemenus || [];
    delete layout.updatemenus;
    offer(plot, menus);
    if (isNarrow(plot)) narrow(data, layout);
    Plotly.react(plot, data, layout, { responsive: true, displaylogo: false });
    if (plot.dataset.choice) choose(plot, menus[0].buttons[plot.dataset.choice].args);
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
