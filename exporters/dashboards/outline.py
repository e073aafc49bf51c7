"""Outlines: what ``dashboards.toml`` says about each dashboard, and the panels written there.

Which KPI is on which dashboard is said in the catalogue. An outline has the order of the first
ones, and panels about the service, which no KPI makes.
"""

import re
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

from exporters.dashboards.layout import Section
from exporters.dashboards.panel import Panel, by_threshold, lines, shown
from exporters.dashboards.query import Query, selector
from exporters.dashboards.unit import MET, MISSED, PLAIN, steps
from exporters.wording import NOTHING

_METRIC: Final = re.compile(r"\b(?:tidemark|process)_\w+")

_LINE_HEIGHT: Final = 7


class PanelOutline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A panel about the service.

    Attributes:
        name: Name that no other panel of the dashboard has.
        title: What is shown.
        description: What it means.
        queries: PromQL by legend, without the matchers of job and instance.
        unit: Grafana's unit.
        decimals: None for what fits.
        colour: Colour of values below those in ``colour_from``.
        colour_from: Colours, each with the value from which it is shown.
        states: Words for 0 and 1; None for numbers.
        nothing: What is shown without a value.
        text_mode: Whether a number shows its value or its name.
    """

    name: str
    title: str
    description: str
    queries: dict[str, str]
    unit: str
    decimals: int | None = None
    colour: str = PLAIN
    colour_from: dict[str, int] = {}
    states: tuple[str, str] | None = None
    nothing: str = NOTHING
    text_mode: Literal["auto", "name"] = "auto"

    def number(self) -> Panel:
        """Returns the panel as a number of this moment."""
        defaults = {**by_threshold(self._defaults()), "noValue": self.nothing}
        if self.states is not None:
            words = zip("01", (MISSED, MET), self.states, strict=True)
            options = {value: {"color": color, "text": text} for value, color, text in words}
            defaults["mappings"] = [{"type": "value", "options": options}]
        return Panel(
            self.name,
            "stat",
            self.title,
            self.description,
            self._queries(instant=True),
            defaults,
            {"textMode": self.text_mode},
        )

    def graph(self) -> Panel:
        """Returns the panel as lines over the time."""
        return Panel(
            f"{self.name} over time",
            "timeseries",
            self.title,
            self.description,
            self._queries(instant=False),
            lines(self._defaults(), from_zero=True),
            height=_LINE_HEIGHT,
        )

    def _defaults(self) -> dict[str, Any]:
        others = [(value, colour) for colour, value in self.colour_from.items()]
        return shown(self.unit, self.decimals, steps(self.colour, *others))

    def _queries(self, *, instant: bool) -> list[Query]:
        return [
            Query(_METRIC.sub(lambda found: selector(found[0]), expr), legend, instant)
            for legend, expr in self.queries.items()
        ]


class SectionOutline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Panels of one kind.

    Attributes:
        kind: Whether they are numbers or graphs.
        a_line: How many are in one line.
        panels: The panels.
        title: The heading; empty for none.
    """

    kind: Literal["number", "graph"]
    a_line: int
    panels: tuple[PanelOutline, ...] = msgspec.field(name="panel")
    title: str = ""

    def section(self) -> Section:
        """Returns the section as it is placed on a dashboard."""
        made = [each.number() if self.kind == "number" else each.graph() for each in self.panels]
        return Section(self.title, made, self.a_line)


class Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dashboard.

    Attributes:
        number: Its number in the catalogue.
        uid: Its stable id in Grafana, and its file name.
        title: Name for people.
        description: Whom it is for.
        since: Begin of the time range that is shown at first: a month, which is the main window.
        tiles: What it promises: the ids of KPIs by name, in order.
        sections: Panels about the service.
    """

    number: int
    uid: str
    title: str
    description: str
    since: str = "now-30d"
    tiles: dict[str, tuple[str, ...]] = {}
    sections: tuple[SectionOutline, ...] = msgspec.field(name="section", default=())

    @property
    def promised(self) -> list[tuple[str, str]]:
        """Each KPI id that a tile promises, after the tile's name."""
        return [(name, kpi_id) for name, kpi_ids in self.tiles.items() for kpi_id in kpi_ids]


class _OutlinesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    freshness: SectionOutline
    dashboard: tuple[Outline, ...]


_FILE: Final = msgspec.toml.decode(
    files("exporters.dashboards").joinpath("dashboards.toml").read_bytes(), type=_OutlinesFile
)

FRESHNESS: Final = _FILE.freshness
"""The section that says whether to believe the others, on every dashboard."""

OUTLINES: Final = _FILE.dashboard
"""All dashboards, in order; the last one is about the service itself."""
