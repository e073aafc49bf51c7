"""What rows came to: a line each in a record that is kept with the code, a table each on a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

RECORD: Final = Path(__file__).with_name("record.ndjson")
"""The record."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row came to.

    Attributes:
        row: Its name.
        title: What was done.
        target: What is aimed at, in words.
        unit: Unit of the figures.
        contenders: Their names; the first is what the others are ratios to.
        figures: By contender, its figures turn by turn.
        agreements: By contender, how its answer compares with the first one's.
        notes: By contender, what else there is to tell.
        load: Load of the machine before each round.
        machine: The machine, in words.
        commit: The build, short.
        day: When, as ``2026-11-29``.
    """

    row: str
    title: str
    target: str
    unit: str
    contenders: list[str]
    figures: list[list[float]]
    agreements: list[str]
    notes: list[str]
    load: list[float]
    machine: str
    commit: str
    day: str

    def ratios(self, contender: int) -> list[float]:
        """Returns a contender's figures as ratios to those of the first, turn by turn."""
        pairs = zip(self.figures[contender], self.figures[0], strict=True)
        return [own / first for own, first in pairs]

    def table(self) -> list[str]:
        """Returns the lines of its table, with what is above and below."""
        lines = [
            f"### {self.title}",
            "",
            f"Target: {self.target}. {len(self.load)} rounds on {self.day}, build {self.commit}, "
            f"load {min(self.load):.1f} to {max(self.load):.1f}.",
            "",
            f"| contender | {self.unit} (median) | min-max | x {self.contenders[0]} (min-max) "
            "| answer | |",
            "|---|---:|---:|---:|---|---|",
        ]
        for number, name in enumerate(self.contenders):
            figures, ratios = self.figures[number], self.ratios(number)
            spread = f"{min(figures):.4g}-{max(figures):.4g}"
            ratio = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            lines.append(
                f"| {name} | {median(figures):.4g} | {spread} | {ratio if number else 1} "
                f"| {self.agreements[number]} | {self.notes[number]} |"
            )
        return [*lines, ""]


def row_of(measured: Measured) -> str:
    """Returns the name of the row that was measured."""
    return measured.row


INTRODUCTION: Final = """\
# Performance

Written by `make bench-all`, which runs the build of commit {old} beside this one. The contenders
of a table take turns in processes of their own; ratios are taken within a round, so that a busy
machine slows all of them. Answers are compared bit for bit; of KPIs that were defined anew since,
values differ, and they are named. [Figures](figures.md#where-the-time-goes) has what bounds them.

Measured on {machines}. Each table is of the last time that its row was measured.

![This build, as a share of the old one](images/{plot})
"""

_BAR_PX: Final = 22
_WIDTH_PX: Final = 900
_NAME_PX: Final = 500


def page(found: Sequence[Measured], old: str, plot_name: str) -> str:
    """Returns the page of all rows.

    Args:
        found: What they came to.
        old: Commit of the old build.
        plot_name: Name of the plot's file.
    """
    machines = "; ".join(sorted({each.machine for each in found}))
    lines = [INTRODUCTION.format(old=old, machines=machines, plot=plot_name)]
    for each in found:
        lines += each.table()
    return "\n".join(lines)


def plot(found: Sequence[Measured]) -> str:
    """Draws the last contender of each row that has the old build as a share of it, as SVG."""
    shares = [
        (each.title.replace("`", ""), median(each.ratios(1)))
        for each in found
        if each.contenders[0] == "old"
    ]
    scale = (_WIDTH_PX - _NAME_PX - 60) / max([1.0, *(share for _, share in shares)])
    height = _BAR_PX * len(shares) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH_PX}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH_PX}" height="{height}" fill="white"/>',
    ]
    for number, (title, share) in enumerate(shares):
        top, end = 5 + _BAR_PX * number, round(_NAME_PX + max(share, 1) * scale + 6)
        parts += [
            f'<text x="{_NAME_PX - 8}" y="{top + 14}" text-anchor="end">{title}</text>',
            f'<rect x="{_NAME_PX}" y="{top + 2}" width="{scale:.0f}" height="16" fill="#ddd"/>',
            f'<rect x="{_NAME_PX}" y="{top + 2}" width="{share * scale:.0f}" height="16" '
            'fill="#2a6f97"/>',
            f'<text x="{end}" y="{top + 14}">{share:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
