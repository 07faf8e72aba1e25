"""A kind of contract for import-linter that it does not bring along."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract
from importlinter import ContractCheck
from importlinter import output


class PrivateModulesContract(Contract):
    """A module whose name begins with an underscore is imported only within its package.

    Everyone else imports from the package itself, whose `__init__` says what is shared. A package
    may look into those that it contains.
    """

    type_name = "private_modules"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        # What is squashed is a package from elsewhere.
        reaches = [
            (importer, imported)
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not graph.is_module_squashed(imported) and not _may_see(importer, imported)
        ]
        return ContractCheck(kept=not reaches, metadata={"reaches": reaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["reaches"]:
            output.print_error(f"{importer} reaches into {imported}")


def _may_see(importer: str, imported: str) -> bool:
    if imported.startswith(f"{importer}."):
        return True
    parts = imported.split(".")
    homes = (".".join(parts[:i]) for i, part in enumerate(parts) if part.startswith("_"))
    return all(f"{importer}.".startswith(f"{home}.") for home in homes)
