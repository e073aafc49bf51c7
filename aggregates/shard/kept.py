"""What units contribute, kept as last settled: so that it need not be computed when they change."""

from typing import Final, NamedTuple

from aggregates.ledger.measure import Contribution
from aggregates.rows.family import Scope
from aggregates.rows.kind import RowKey

KEPT_MAX: Final = 250_000
"""Contributions that are kept of units that are not kept always; some 30 MB a partition."""


class Contributed(NamedTuple):
    """What a unit contributes, and the scope in which."""

    scope: Scope
    contributions: list[Contribution]


class Kept:
    """What units contribute: of some kinds always, of others while they change now and then."""

    def __init__(self, always: frozenset[str]) -> None:
        """Takes the kinds of which all is kept."""
        self._always_of = always
        self._always: dict[RowKey, Contributed] = {}
        self._lately: dict[RowKey, Contributed] = {}
        self._count = 0

    def put(self, unit: RowKey, contributed: Contributed) -> None:
        """Keeps what a unit contributes; of too much what was kept longest goes."""
        if unit.kind in self._always_of:
            self._always[unit] = contributed
        else:
            self._lately[unit] = contributed
            self._count += len(contributed.contributions)
            while self._count > KEPT_MAX:
                self.take(next(iter(self._lately)))

    def take(self, unit: RowKey) -> Contributed | None:
        """Returns what a unit contributes, None if it is not kept, and keeps it no longer."""
        if (found := self._always.pop(unit, None)) is not None:
            return found
        if (found := self._lately.pop(unit, None)) is not None:
            self._count -= len(found.contributions)
        return found

    def clear(self) -> None:
        """Keeps nothing."""
        self._always.clear()
        self._lately.clear()
        self._count = 0
