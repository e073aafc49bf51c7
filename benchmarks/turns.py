"""The runner's side of turns: contenders side by side, and their answers compared."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from benchmarks.builds import ROOT
from benchmarks.contenders.turns import GO
from benchmarks.measured import Measured
from benchmarks.rows import Contender, Row, Told
from benchmarks.run import machine
from tests.last_runs import commit

SHOWN_MAX: Final = 12
"""Ids of differing figures that are named."""


class ContenderFailedError(Exception):
    """A contender has ended before it was to."""


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
    return Measured(
        row.name,
        row.title,
        row.target,
        row.unit,
        [each.name for each in row.contenders],
        [[row.figure(turn) for turn in of] for of in turns],
        ["", *(compared(each, first) for each in others)],
        [row.notes(of) for of in turns],
        load,
        machine(),
        commit(),
        time.strftime("%Y-%m-%d"),
    )


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
