"""Figures by series, as a scrape shows them and as replay computes them, and how they differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from aggregates.time.tile import edge_ms
from events import format_instant
from tests.end_to_end.commands import Commands

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric's name and its labels in order."""

Figures = dict[Series, float]

WEEK_AGO = "cs_week_ago_"
"""Before the id of a KPI, the metric of its figure of a week before the reading."""

WEEK_TILES = 7 * 24 * 4
"""A week is seven days of 24 hours."""

LAST_WHOLE = "cs_last_whole_"
"""Before the id of a KPI, the metric of its figure when the last whole day or month ended."""

_FORMS = frozenset({"window", "variant", "stat", "basis"})
"""Labels that tell windows and formulas of one KPI apart."""

_SHOWN_MAX = 12
"""Series that a difference names: enough to see which family is wrong."""


def figures_of(exposition: str) -> Figures:
    """Returns every sample of an exposition; no series may be there twice."""
    found: Figures = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            series = sample.name, tuple(sorted(sample.labels.items()))
            assert series not in found, f"{series} is there twice"
            found[series] = sample.value
    return found


def kpis_of(figures: Figures) -> Figures:
    """Returns what replay computes as well: KPIs over all accounts, where they have a value.

    A ratio over nothing has no value. An exporter still shows what would have been divided, which
    replay does not print.
    """
    found: Figures = {}
    for (name, labels), value in figures.items():
        if not name.startswith("cs_") or name.startswith(("cs_by_segment_", WEEK_AGO, LAST_WHOLE)):
            continue
        if "_distribution" in name:
            continue
        whole = name.removesuffix("_numerator").removesuffix("_denominator")
        if (whole, labels) in figures:
            found[name, labels] = value
        else:
            below = figures[f"{whole}_denominator", labels]
            assert below == 0, f"{whole}{dict(labels)} has no value, but is over {below}"
    return found


def weeks_ago(figures: Figures) -> Figures:
    """Returns the figures of a week before that an exporter shows, under the KPIs' own names."""
    return {
        (f"cs_{name.removeprefix(WEEK_AGO)}", labels): value
        for (name, labels), value in figures.items()
        if name.startswith(WEEK_AGO)
    }


def like(shown: Figures, right: Figures) -> Figures:
    """Returns those of right figures that are of a KPI, a window and a formula that is shown."""
    shapes = {_shape(series) for series in shown}
    return {series: value for series, value in right.items() if _shape(series) in shapes}


def _shape(series: Series) -> Series:
    name, labels = series
    return name, tuple((label, value) for label, value in labels if label in _FORMS)


def replayed(text: str) -> Figures:
    """Returns the figures of ``replay --format json``: values, numerators and denominators."""
    found: Figures = {}
    for line in text.splitlines():
        sample = json.loads(line)
        labels = tuple(sorted(sample["labels"].items()))
        for part, suffix in (
            ("value", ""),
            ("numerator", "_numerator"),
            ("denominator", "_denominator"),
        ):
            if part in sample:
                series = f"cs_{sample['kpi']}{suffix}", labels
                assert series not in found, f"{series} is there twice"
                found[series] = sample[part]
    return found


def difference(shown: Mapping[Series, float], right: Mapping[Series, float]) -> str:
    """Names the series whose values are not exactly equal; empty if there are none."""
    wrong = sorted(s for s in shown.keys() | right.keys() if shown.get(s) != right.get(s))
    lines = [f"{s}: shown {shown.get(s)!r}, right {right.get(s)!r}" for s in wrong[:_SHOWN_MAX]]
    if len(wrong) > _SHOWN_MAX:
        lines.append(f"and {len(wrong) - _SHOWN_MAX} more of {len(right)}")
    return "\n".join(lines)


@dataclass
class Oracle:
    """What replay says about one source of events.

    Attributes:
        commands: Runs the replay.
        source: A file or ``kafka://...``.
    """

    commands: Commands
    source: str | Path
    _known: dict[int, Figures] = field(default_factory=dict)

    def at(self, edge: int) -> Figures:
        """Returns the figures at a tile edge."""
        if edge not in self._known:
            self._replay(edge, edge - WEEK_TILES)  # at once, since the second is asked for next
        return self._known[edge]

    def _replay(self, *edges: int) -> None:
        times = {format_instant(edge_ms(edge)): edge for edge in edges}
        asked = [word for at in times for word in ("--at", at)]
        text = self.commands.output_of("replay", self.source, *asked, "--format", "json")
        lines: dict[int, list[str]] = {edge: [] for edge in edges}
        for line in text.splitlines():
            lines[times[json.loads(line)["at"]]].append(line)
        for edge, found in lines.items():
            self._known[edge] = replayed("\n".join(found))
        assert self._known[edges[0]], f"replay of {self.source} gave nothing"
