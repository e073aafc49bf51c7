"""A wall: the tiles of one view, rendered once for each reading, and what changed since when."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zlib import crc32

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.time.window import TO_DATE, length_days
from exporters.live_reading import Reading
from exporters.pages.freshness import freshness, freshness_key
from exporters.pages.groups import Group, groups_of
from exporters.pages.quality import quality
from exporters.pages.template import template
from exporters.pages.ticker import TickerPage
from exporters.pages.tile import Tile, read_over, tile_of
from exporters.pages.trend import Trend, series_trends
from exporters.pages.view import View, segment_name

STATE: Final = "state"
TICKER: Final = "ticker"
QUALITY: Final = "quality"

_DIGITS_MAX: Final = 18
"""Of the number of a moment that a client names; more, which Python may refuse, none ever has."""


class Part(NamedTuple):
    """A part of the page that may change.

    Attributes:
        key: What makes it differ from what it was before: its text, or less than that.
        text: The part, as HTML.
        changed: The number of the moment at which it last changed.
    """

    key: object
    text: str
    changed: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A wall at one moment.

    Attributes:
        series: Names the run of the exporter; numbers are of it.
        number: The moment.
        layout: What is where: a page of another one must be loaded anew.
        stale: Why there are no figures; empty if there are.
        parts: What may change, by name.
        groups: The groups of tiles.
        tiles: The tiles, by id of the KPI; none while figures are stale.
    """

    series: str
    number: int
    layout: str
    stale: str
    parts: Mapping[str, Part]
    groups: list[Group] = field(default_factory=list)
    tiles: Mapping[str, Tile] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names the moment."""
        return f"{self.series}-{self.number}"

    def since(self, known: str) -> tuple[str, str]:
        """Returns the name of this moment, and as JSON what changed since another one.

        Args:
            known: The name of a moment; of one that is not of this run all has changed.
        """
        series, _, number = known.partition("-")
        is_number = number.isdecimal() and len(number) <= _DIGITS_MAX
        before = int(number) if series == self.series and is_number else -1
        parts = {name: part.text for name, part in self.parts.items() if part.changed > before}
        if not parts:
            return known, ""
        told = {"layout": self.layout, "stale": self.stale, "parts": parts}
        return self.name, json.dumps(told)


class Wall:
    """The tiles of one view, as they change."""

    def __init__(
        self, view: View, series: str, count: Callable[[], int], ticker: TickerPage | None = None
    ) -> None:
        """Begins with nothing.

        Args:
            view: What is chosen.
            series: Names the run of the exporter.
            count: Returns a larger number each time.
            ticker: Who knows what happened lately; None where that is not known.
        """
        self._view = view
        self._series = series
        self._count = count
        self._ticker = ticker
        self._last: tuple[object, Snapshot] | None = None
        self._tile = template("tile.html").module.tile  # type: ignore[attr-defined]

    def at(self, reading: Reading, reader: Reader) -> Snapshot:
        """Returns the wall at a reading; the last one unless something changed."""
        newest = None if self._ticker is None else self._ticker.newest
        key = freshness_key(reading)
        moment = reading.figures, reading.catalogue, reading.problem, key, newest
        if self._last is None or self._last[0] != moment:
            self._last = moment, self._made(reading, reader)
        return self._last[1]

    def _made(self, reading: Reading, reader: Reader) -> Snapshot:
        number, groups = self._count(), groups_of(reading.catalogue)
        tiles: dict[str, Tile] = {}
        if reading.figures is not None:
            tiles = self._tiles(reading, reader, groups)
        before = {} if self._last is None else self._last[1].parts
        parts = {}
        for name, key, text in self._texts(reading, tiles):
            old = before.get(name)
            same = old is not None and old.key == key
            parts[name] = Part(key, text, old.changed if same and old is not None else number)
        layout = "|".join([",".join(tiles), *segments_of(reading), reading.problem])
        stale = reading.state.reason
        return Snapshot(self._series, number, _short(layout), stale, parts, groups, tiles)

    def _tiles(self, reading: Reading, reader: Reader, groups: list[Group]) -> dict[str, Tile]:
        view, catalogue = self._view, reading.catalogue
        segments = segments_of(reading)
        kpis = [kpi for group in groups for kpi in group.kpis]
        found: dict[str, list[Trend]] = {kpi.id: [] for kpi in kpis}
        for trend in series_trends(
            reader,
            catalogue,
            [read_over(kpi, view) for kpi in kpis],
            reading.edge,
            reading.currency,
            segments.get(view.segment),
        ):
            found[trend.result.kpi.id].append(trend)
        return {kpi.id: tile_of(kpi, found[kpi.id], view, reading.currency) for kpi in kpis}

    def _texts(
        self, reading: Reading, tiles: Mapping[str, Tile]
    ) -> Iterator[tuple[str, object, str]]:
        """Yields the name, the key and the text of each part."""
        judged = [tile.state for tile in tiles.values() if tile.state]
        met = f"{judged.count('met')} of {len(judged)}" if judged else ""
        yield STATE, (freshness_key(reading), met), freshness(reading, met)
        if self._ticker is not None:
            happened = self._ticker.fragment(reading.currency)
            yield TICKER, happened, happened
        told = "\n".join(quality(reading))
        yield QUALITY, told, told
        for name, tile in tiles.items():
            text = str(self._tile(tile))
            yield name, text, text


def segments_of(reading: Reading) -> dict[str, tuple[str, ...]]:
    """Returns the segments that are shown, by name; none unless there are several."""
    figures = reading.figures
    columns = figures.by_segment.columns if figures is not None else {}
    return {segment_name(each): each for each in columns} if len(columns) > 1 else {}


def windows_of(catalogue: Catalogue) -> list[str]:
    """Returns all windows that KPIs are read over, from the shortest, those to date last."""
    found = {window for kpi in catalogue for window in kpi.windows}
    return sorted(found, key=lambda window: (window in TO_DATE, length_days(window)))


def _short(text: str) -> str:
    return f"{crc32(text.encode()):08x}"
