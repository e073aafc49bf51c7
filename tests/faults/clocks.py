"""A wall clock that jumps: commands are started with a clock that adds what a file says."""

from pathlib import Path
from typing import Final

from tests.end_to_end.commands import Commands
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import difference
from tests.end_to_end.installation import PARTITIONS
from tests.faults.log import Oracle, plan_of, read_log
from tests.faults.stage import Stage

STEPS_S: Final = (3600, -3600)
"""Forward and back, as on a machine whose clock is set."""

_CUSTOMIZE: Final = """
import os, time

_path, _time_ns = os.environ["STEP_FILE"], time.time_ns

def _stepped_ns():
    with open(_path) as file:
        return _time_ns() + int(file.read() or 0) * 1_000_000_000

time.time_ns = _stepped_ns
time.time = lambda: _stepped_ns() / 1e9
"""
"""A ``sitecustomize`` module: Python imports it before any other."""


def stepped(stage: Stage) -> None:
    """Workers and an exporter under a clock that jumps an hour forward, and then back twice."""
    commands = stage.installation.commands
    step = _stepping(commands)
    for worker in stage.workers:
        stage.end(worker)
    for _ in range(2):
        stage.start_worker()
    exporter = stage.installation.exporter()
    now_s = 0
    for jump_s in (*STEPS_S, STEPS_S[1]):
        stage.wait(2, 6)
        now_s += jump_s
        _set(step, now_s)
        stage.noted(f"the clock jumps by {jump_s} s")
    stage.checks.append(lambda: _check(stage, exporter))


def _stepping(commands: Commands) -> Path:
    folder = commands.folder / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_CUSTOMIZE)
    step = folder / "step"
    _set(step, 0)
    commands.environment.update(PYTHONPATH=str(folder), STEP_FILE=str(step))
    return step


def _set(step: Path, seconds: int) -> None:
    """Sets the clock in one go: a reader sees the old file or the new one."""
    fresh = step.with_suffix(".fresh")
    fresh.write_text(str(seconds))
    fresh.replace(step)


def _check(stage: Stage, exporter: Exporter) -> None:
    """The exporter under the wrong clock shows what a fold says at the edge that it names."""
    exporter.wait_until_settled()
    shown = exporter.scrape()
    log = read_log(stage.installation.kafka.bootstrap, PARTITIONS)
    oracle = Oracle(log, plan_of(stage.installation.commands.settings))
    assert difference(shown.series, oracle.figures(shown.edge)) == ""
