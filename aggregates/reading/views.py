"""Views: what was read of KPIs at some edges, each kept as long as none of its measures changes.

After a flush of some dozen events a third of all KPIs is read anew, and the rest is what it was.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple, TypeVar

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.reading.read_measures import read_measures

V = TypeVar("V")

Changes = Callable[[str], int]
"""Returns, for a measure's name, a number that grows whenever a series of it has changed."""

VIEWS_MAX: Final = 16
"""Views that are kept: a scrape has seven, a page some more."""


class View:
    """What was read of KPIs in one way, such as at one edge and for some segments."""

    def __init__(self, catalogue: Catalogue, changes: Changes | None) -> None:
        """Takes what KPIs are read from.

        Args:
            catalogue: The KPIs.
            changes: Tells whether a measure has changed; None if none does while this is used.
        """
        self._catalogue = catalogue
        self._changes = changes
        self._found: dict[tuple[str, tuple[str, ...]], _Found] = {}

    def of(self, kpi: Kpi, read: Callable[[], V]) -> V:
        """Returns what is read of a KPI: the very object that it was before, if nothing changed.

        Args:
            kpi: The KPI; a page makes an equal one each time, over the window that it shows.
            read: Reads it.
        """
        key = kpi.id, kpi.windows
        known = self._found.get(key)
        if known is not None and known.kpi != kpi:  # the last one asked for replaces the others
            known = None
        names = known.names if known else self._names_of(kpi)
        changes = () if self._changes is None else tuple(map(self._changes, names))
        if known is None or known.changes != changes:
            known = self._found[key] = _Found(kpi, names, changes, read())
        value: V = known.value
        return value

    def _names_of(self, kpi: Kpi) -> tuple[str, ...]:
        return () if self._changes is None else tuple(read_measures(self._catalogue, [kpi]))


class _Found(NamedTuple):
    """What was read of a KPI, from which measures, and how often these had changed by then."""

    kpi: Kpi
    names: tuple[str, ...]
    changes: tuple[int, ...]
    value: Any


class Views:
    """The views that were last asked for."""

    def __init__(self, changes: Changes | None) -> None:
        """Takes what tells whether a measure has changed; without it no view is kept."""
        self._changes = changes
        self._views: dict[Hashable, View] = {}

    def of(self, catalogue: Catalogue, *way: Hashable) -> View:
        """Returns the view of a catalogue's KPIs, read in one way."""
        if self._changes is None:
            return View(catalogue, None)
        asked = catalogue, way
        view = self._views.pop(asked, None) or View(catalogue, self._changes)
        self._views[asked] = view  # the last one asked for is the last to go
        if len(self._views) > VIEWS_MAX:
            del self._views[next(iter(self._views))]
        return view
