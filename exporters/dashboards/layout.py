"""Layout: panels in lines of Grafana's grid, and lines in titled sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from exporters.dashboards.panel import Panel, panel_id

COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class Section:
    """Panels under one heading.

    Attributes:
        title: The heading; empty for none.
        panels: In order; neighbours of the same height share lines.
        a_line: Largest sum of their sizes in one line.
    """

    title: str
    panels: Sequence[Panel]
    a_line: int


def placed(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Returns the panels of all sections that have any, each line as wide as the grid."""
    found: list[dict[str, Any]] = []
    y = 0
    for section in sections:
        if not section.panels:
            continue
        if section.title:
            found.append(_heading(section.title, y))
            y += 1
        for height, members in groupby(section.panels, key=lambda panel: panel.height):
            for line in _lines(list(members), section.a_line):
                x = 0
                for panel, width in zip(line, _widths(line, section.a_line), strict=True):
                    found.append(panel.placed(x, y, width))
                    x += width
                y += height
    return found


def _heading(title: str, y: int) -> dict[str, Any]:
    return {
        "id": panel_id(f"heading {title}"),
        "type": "row",
        "title": title,
        "collapsed": False,
        "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": y},
        "panels": [],
    }


def _lines(panels: Sequence[Panel], a_line: int) -> Iterator[Sequence[Panel]]:
    """Fills as few lines as there must be, each about as full as the others."""
    while panels:
        left = _size(panels)
        share = -(-left // -(-left // a_line))
        count = 1
        while count < len(panels) and _size(panels[:count]) < share:
            if _size(panels[: count + 1]) > a_line:
                break
            count += 1
        yield panels[:count]
        panels = panels[count:]


def _widths(line: Sequence[Panel], a_line: int) -> Iterator[int]:
    """Shares the columns of the grid out by size; a short line may end early."""
    whole, before = max(_size(line), a_line // 2), 0
    for panel in line:
        after = before + panel.size
        yield after * COLUMNS // whole - before * COLUMNS // whole
        before = after


def _size(panels: Sequence[Panel]) -> int:
    return sum(panel.size for panel in panels)
