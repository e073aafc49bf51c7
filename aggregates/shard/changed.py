"""Whose contributions have changed since somebody last asked."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from aggregates.ledger.series_cells import SeriesCells
from aggregates.rows.kind import RowKey


@dataclass(frozen=True, slots=True)
class Changed:
    """Whose contributions have changed since this was last asked.

    Attributes:
        is_rebuilt: Whether all have, before those of ``accounts``.
        cells: Then, what rebuilding gathered by account, if it did.
        accounts: The accounts whose units may contribute something else, by kind.
    """

    is_rebuilt: bool
    cells: SeriesCells | None
    accounts: Mapping[str, Set[str]]


class Changing:
    """Takes note for the one who asks, from when that is first done."""

    def __init__(self) -> None:
        self._accounts: dict[str, set[str]] | None = None
        self._is_rebuilt = True
        self._cells: SeriesCells | None = None

    def note(self, unit: RowKey) -> None:
        """Notes that a unit may contribute something else."""
        if self._accounts is not None:
            self._accounts.setdefault(unit.kind, set()).add(unit.account)

    def rebuilt(self, cells: SeriesCells | None = None) -> None:
        """Notes that all was computed anew; with the cells by account, nothing before counts."""
        self._is_rebuilt = True
        if cells is not None:
            self._cells, self._accounts = cells, {}

    def take(self) -> Changed:
        """Returns what was noted since the last call."""
        found = Changed(self._is_rebuilt, self._cells, self._accounts or {})
        self._is_rebuilt, self._cells, self._accounts = False, None, {}
        return found
