"""The runner's side of turns: contenders side by side, and their answers compared."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.builds import ROOT
from benchmarks.contenders.turns import GO
from benchmarks.rows import Contender, Row, Told

SHOWN_MAX: Final = 12
"""Ids of differing figures that are named."""


class ContenderFailedError(Exception):
    """A contender has ended before it was to."""


@dataclass(slots=True)
class Measured:
    """What a row came to.

    Attributes:
        row: The row.
        turns: By contender, what it told of each turn.
        agreements: By contender, how its answer compares with the first one's.
        load: Load of the machine before each round.
    """

    row: Row
    turns: list[list[Told]]
    agreements: list[str]
    load: list[float]

    def figures(self, contender: int) -> list[float]:
        """Returns a contender's figures, turn by turn."""
        return [self.row.figure(turn) for turn in self.turns[contender]]

    def ratios(self, contender: int) -> list[float]:
        """Returns its figures as ratios to those of the first, turn by turn."""
        pairs = zip(self.figures(contender), self.figures(0), strict=True)
        return [own / first for own, first in pairs]


class _Running:
    """A contender that has set up, or is about to."""

    def __init__(self, contender: Contender, folder: Path, number: int) -> None:
        build = str(contender.build.folder)
        out = str(folder / f"answer-{number}")
        config = {**contender.config, "build": build, "out": out}
        module = f"benchmarks.contenders.{contender.module}"
        self.name = contender.name
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(config)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": f"{build}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "_Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def told(self) -> Told:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ContenderFailedError(f"{self.name} ended with {self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def work(self) -> Told:
        assert self.process.stdin is not None
        self.process.stdin.write(GO + "\n")
        self.process.stdin.flush()
        return self.told()

    def answer(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return str(self.told()["answer"])


def measured(row: Row, rounds: int, folder: Path) -> Measured:
    """Lets a row's contenders take turns.

    Args:
        row: The row.
        rounds: Turns of each, unless the row says how many.
        folder: Where contenders run and write answers.

    Raises:
        ContenderFailedError: If one fails.
    """
    turns: list[list[Told]] = [[] for _ in row.contenders]
    load = []
    with ExitStack() as stack:
        running = []
        for number, contender in enumerate(row.contenders):  # set up one by one
            started = stack.enter_context(_Running(contender, folder, number))
            started.told()
            running.append(started)
        for _ in range(row.rounds or rounds):
            load.append(os.getloadavg()[0])
            for each, told in zip(running, turns, strict=True):
                told.append(each.work())
                figure = f"{row.figure(told[-1]):.4g} {row.unit}"
                print(f"  {row.name:16} {each.name:20} {figure}", flush=True)
        first, *others = [each.answer() for each in running]
    return Measured(row, turns, ["", *(compared(each, first) for each in others)], load)


def compared(answer: str, first: str) -> str:
    """Compares an answer with the first one; files line by line, by what the lines are values of.

    Figures that only one build has are left out: the other one knows nothing of them.
    """
    if not Path(first).is_absolute() or not Path(answer).is_absolute():
        return answer
    own, base = (_values(Path(path).read_text()) for path in (answer, first))
    both = own.keys() & base.keys()
    odd = {name for name in both if own[name] != base[name]}
    text = f"{len(both) - len(odd)} of {len(both)} values the same, bit for bit"
    if odd:
        names = sorted({_kpi(name) for name in odd})
        text += f"; others: {', '.join(names[:SHOWN_MAX])}{', ...' if names[SHOWN_MAX:] else ''}"
    return text


def _values(text: str) -> dict[str, str]:
    """Returns values by what they are of: of a line of JSON, or of a metric."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(', "value": ') if line[0] == "{" else line.rpartition(" ")
        found[name] = value
    return found


def _kpi(name: str) -> str:
    return str(json.loads(name + "}")["kpi"]) if name[0] == "{" else name.partition("{")[0]


def table(found: Sequence[Measured]) -> list[str]:
    """Returns what rows came to, a table each."""
    lines = []
    for each in found:
        row = each.row
        lines += [
            f"### {row.title}",
            "",
            f"Target: {row.target}. {len(each.load)} rounds, load {min(each.load):.1f} to "
            f"{max(each.load):.1f}.",
            "",
            f"| contender | {row.unit} (median) | min-max | x {row.contenders[0].name} (min-max) "
            "| answer | |",
            "|---|---:|---:|---:|---|---|",
        ]
        for number, contender in enumerate(row.contenders):
            figures, ratios = each.figures(number), each.ratios(number)
            spread = f"{min(figures):.4g}-{max(figures):.4g}"
            ratio = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            lines.append(
                f"| {contender.name} | {median(figures):.4g} | {spread} | {ratio if number else 1} "
                f"| {each.agreements[number]} | {row.notes(each.turns[number])} |"
            )
        lines.append("")
    return lines
