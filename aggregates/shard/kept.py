"""What units contribute, kept as last settled: so that it need not be computed when they change."""

from typing import Final, NamedTuple

from aggregates.ledger.alike import common
from aggregates.ledger.measure import Contribution, Outline, Series, SeriesOutline, written
from aggregates.rows.family import Scope
from aggregates.rows.kind import RowKey

KEPT_MAX: Final = 250_000
"""Contributions that are kept of units that are not kept always; some 30 MB a partition."""

_OUTLINED: Final = 8
"""Contributions in an outline of a series that take as much memory as one by itself."""

Part = list[Contribution | Outline]
"""What a unit contributes to one family."""


class Contributed(NamedTuple):
    """What a unit contributes.

    Attributes:
        scope: The scope in which.
        parts: What it contributes to each of the families that read it.
    """

    scope: Scope
    parts: list[Part]

    @property
    def size(self) -> int:
        """How many contributions take as much memory."""
        return sum(
            1 + each.length // _OUTLINED if isinstance(each, SeriesOutline) else 1
            for part in self.parts
            for each in part
        )

    def all(self) -> list[Contribution]:
        """Returns all contributions, one by one."""
        return [each for part in self.parts for each in written(part)]

    def changes_from(self, old: "Contributed") -> tuple[list[Contribution], list[Contribution]]:
        """Returns contributions that are no more, and new ones; what cancels out may be in both."""
        if len(old.parts) != len(self.parts):
            return old.all(), self.all()
        less: list[Contribution] = []
        more: list[Contribution] = []
        for before, now in zip(old.parts, self.parts, strict=True):
            _exchange(before, now, less, more)
        return less, more


def _exchange(old: Part, new: Part, less: list[Contribution], more: list[Contribution]) -> None:
    """Adds what an old part has besides a new one, and what it has not."""
    same = common(old, new)
    before, now = Part(), Part()
    known: dict[Series, SeriesOutline] = {}
    for each in old[same:]:
        if isinstance(each, SeriesOutline) and each.series not in known:
            known[each.series] = each
        else:
            before.append(each)
    for each in new[same:]:
        if isinstance(each, SeriesOutline) and each.series in known:
            taken, added = each.changes_from(known.pop(each.series))
            less += taken
            more += added
        else:
            now.append(each)
    same = common(before, now)
    less += written([*before[same:], *known.values()])
    more += written(now[same:])


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
            self._count += contributed.size
            while self._count > KEPT_MAX:
                self.take(next(iter(self._lately)))

    def take(self, unit: RowKey) -> Contributed | None:
        """Returns what a unit contributes, None if it is not kept, and keeps it no longer."""
        if (found := self._always.pop(unit, None)) is not None:
            return found
        if (found := self._lately.pop(unit, None)) is not None:
            self._count -= found.size
        return found

    def clear(self) -> None:
        """Keeps nothing."""
        self._always.clear()
        self._lately.clear()
        self._count = 0
