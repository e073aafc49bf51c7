"""The index page: every KPI at this moment, as tiles in the groups of the dashboards.

It works without script, then by loading itself again; with script it follows what changes.
"""

from collections.abc import Iterator
from typing import Any, Final

from markupsafe import Markup

from aggregates.reading.segment_notes import in_words, noted_attributes
from exporters.live_reading import Reading
from exporters.pages.groups import Group
from exporters.pages.template import template
from exporters.pages.view import View, is_found
from exporters.pages.wall import QUALITY, STATE, TICKER, Snapshot, segments_of, windows_of
from exporters.wording import window_title

REFRESH_S: Final = 15
"""Time after which a browser without script loads the page again: a common scrape interval."""


class Page:
    """Renders walls."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._template = template("index.html")

    def render(self, reading: Reading, wall: Snapshot, view: View, asked: str) -> str:
        """Renders a reading; a stale one shows the reason instead of figures.

        Args:
            reading: What is known now.
            wall: Its tiles.
            view: What is chosen.
            asked: What is searched for; empty for everything.
        """
        groups = [_shown(group, wall, asked) for group in wall.groups if wall.tiles]
        return self._template.render(
            version=self._version,
            refresh_s=REFRESH_S,
            live=True,
            known=wall.name,
            layout=wall.layout,
            view=view,
            asked=asked,
            tiles=wall.tiles,
            groups=groups,
            found=not all(group["hidden"] for group in groups),
            windows=list(_windows(reading, view)),
            segments=list(_segments(reading, view)),
            attribute=", ".join(reading.catalogue.policy.segments).replace("_", " ").capitalize(),
            banners=list(_banners(reading, view)),
            state=Markup(wall.parts[STATE].text),  # rendered, with everything escaped
            quality=Markup(wall.parts[QUALITY].text),
            ticker=Markup(wall.parts[TICKER].text) if TICKER in wall.parts else None,
        )


def _shown(group: Group, wall: Snapshot, asked: str) -> dict[str, Any]:
    tiles = [
        {
            "id": kpi.id,
            "text": Markup(wall.parts[kpi.id].text),  # rendered, with everything escaped
            "found_by": wall.tiles[kpi.id].found_by,
            "hidden": not is_found(wall.tiles[kpi.id].found_by, asked),
        }
        for kpi in group.kpis
    ]
    return {
        "id": group.id,
        "title": group.title,
        "description": group.description,
        "tiles": tiles,
        "elsewhere": group.elsewhere,
        "tables": group.tables,
        "hidden": bool(asked) and all(tile["hidden"] for tile in tiles),
    }


def _windows(reading: Reading, view: View) -> Iterator[dict[str, Any]]:
    yield {"value": "", "text": "each its own", "chosen": not view.window}
    for window in windows_of(reading.catalogue):
        yield {"value": window, "text": window_title(window), "chosen": window == view.window}


def _segments(reading: Reading, view: View) -> Iterator[dict[str, Any]]:
    names = segments_of(reading)
    if names:
        yield {"value": "", "text": "all accounts", "chosen": not view.segment}
    for name in names:
        yield {"value": name, "text": name, "chosen": name == view.segment}


def _banners(reading: Reading, view: View) -> Iterator[dict[str, str]]:
    if reading.figures is None:
        yield {
            "role": "alert",
            "title": f"Stale: {reading.state.reason}",
            "text": "No figures are shown, since a sum of some partitions would look like a loss.",
        }
        return
    if reading.problem:
        yield {
            "role": "alert",
            "title": f"A KPI file is refused: {reading.problem}",
            "text": "The KPIs of the last good one are shown.",
        }
    if view.segment and view.segment not in segments_of(reading):
        title = f"There is no segment {view.segment} by now."
        yield {"role": "status", "title": title, "text": "Figures are those of all accounts."}
    policy = reading.catalogue.policy
    noted = noted_attributes(policy, reading.figures.attribute_values)
    for name, count in noted.items():
        yield {"role": "status", "title": in_words(policy, name, count), "text": ""}
