"""One run: an installation at work, faults, the end of the flow, and the comparison."""

import logging
import os
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.end_to_end.exporter import Scrape
from tests.end_to_end.figures import Oracle as Replay
from tests.end_to_end.figures import difference
from tests.end_to_end.installation import PARTITIONS, Installation, new_installation
from tests.end_to_end.patience import wait_for
from tests.faults.company import told
from tests.faults.flow import Flow
from tests.faults.log import Log, Oracle, plan_of, read_log
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.faults.watcher import Watched, Watcher
from tests.last_runs import commit

BEFORE: Final = 0.5
"""Share of the events that are there before the first fault."""


@dataclass
class Result:
    """What came of a run.

    Attributes:
        scenario: Its name.
        seed: What it can be run again with.
        seconds: It took.
        cpu_s: Of all its processes, servers included.
        events: Records in the log in the end.
        done: Faults.
        ended: How often workers ended by themselves, by reason.
        scrapes: Whole ones, those held back, and those compared with a part of the log.
        figures: Series compared in the end.
        integers: Measures compared with SQL.
        wrong: What should not be; empty after a good run.
        measured: What was measured besides, by name.
        commit: The build, short.
        day: When, as ``2026-11-29``.
    """

    scenario: str
    seed: int
    seconds: float = 0.0
    cpu_s: float = 0.0
    events: int = 0
    done: list[str] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)
    scrapes: dict[str, int] = field(default_factory=dict)
    figures: int = 0
    integers: int = 0
    wrong: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    commit: str = ""
    day: str = ""

    @property
    def piece(self) -> tuple[str, int]:
        """The scenario and the seed."""
        return self.scenario, self.seed


def run_before(until_s: float, scenario: Scenario, seed: int, folder: Path) -> Result | None:
    """Runs a scenario in a process of its own; none after then, on the clock of all of them."""
    if time.monotonic() > until_s:
        return None
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of brokers that are away on purpose
    return run(scenario, seed, folder)


def run(scenario: Scenario, seed: int, folder: Path, *, thorough: bool = True) -> Result:
    """Runs a scenario once; keeps what processes wrote in the folder if anything was wrong.

    Args:
        scenario: The scenario.
        seed: Decides what is told, and what is done to whom.
        folder: For the run alone.
        thorough: Whether the fold itself is compared with SQL and with ``tidemark replay``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    result = Result(scenario.name, seed, commit=commit(), day=time.strftime("%Y-%m-%d"))
    begun_s, used_s = time.monotonic(), _cpu_s()
    with new_installation(folder, **scenario.settings) as installation:
        try:
            last, oracle, stage = _play(scenario, seed, installation, result)
            if thorough:
                result.integers = oracle.check_by_sql(last.edge)
                _check_replay(last, stage.installation)
        except Exception as error:
            told = str(error) if isinstance(error, AssertionError) else ""
            result.wrong.append(told or traceback.format_exc())
        if result.wrong:
            _keep(installation, folder)
    result.seconds = round(time.monotonic() - begun_s, 1)
    result.cpu_s = round(_cpu_s() - used_s, 1)
    if not result.wrong:
        shutil.rmtree(folder)
    return result


def _cpu_s() -> float:
    """Time of the processor that this process and those that it has ended have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _check_replay(last: Scrape, installation: Installation) -> None:
    """``tidemark replay`` of the topics, a process with no state, says what the exporter shows."""
    source = f"kafka://{installation.kafka.bootstrap}"
    replay = Replay(installation.commands, source)
    assert last.equals(replay), f"a replay differs:\n{last.difference(replay)}"


def _play(
    scenario: Scenario, seed: int, installation: Installation, result: Result
) -> tuple[Scrape, Oracle, Stage]:
    lines = told(seed, scenario.size)
    before = int(len(lines) * BEFORE)
    flow = Flow(installation.kafka.bootstrap, lines[before:], scenario.seconds)
    history = installation.commands.folder / "history.ndjson"
    history.write_bytes(b"\n".join([*lines[:before], b""]))
    installation.publish(history)
    rng = Random(f"{seed}-{scenario.name}")
    stage = Stage(installation, history, flow, installation.exporter(), rng)
    for _ in range(scenario.workers):
        stage.start_worker()
    # A worker that joins late would take partitions amid the faults, and counts are lost with them.
    stage.exporter.wait_until_shared(scenario.workers)
    stage.exporter.wait_until_settled()
    try:
        with _watched(stage, before, result) as watched:
            flow.start()
            scenario.fault(stage)
            flow.finish()
            _settle(stage, watched, scenario, result)
            last = stage.exporter.scrape()
            for check in stage.checks:
                check()
    finally:
        result.done = stage.done
        result.measured |= stage.measured
        result.ended = dict(Counter(stage.ended))
    log = read_log(installation.kafka.bootstrap, PARTITIONS)
    result.events = len(log)
    if lost := len(set(lines) - log.values):
        result.wrong.append(f"{lost} acknowledged events are not in the log")
    if odd := result.ended.keys() - scenario.ends:
        result.wrong.append(f"workers ended by themselves: {', '.join(sorted(odd))}")
    at_first, in_the_end = (
        Oracle(log, plan_of(each.commands.settings)) for each in (installation, stage.installation)
    )
    _compare_last(last, in_the_end, result)
    _compare_amid(watched, log, at_first, result)
    return last, in_the_end, stage


@contextmanager
def _watched(stage: Stage, before: int, result: Result) -> Iterator[Watched]:
    watcher = Watcher(
        stage.exporter,
        stage.installation.redis.url,
        Random(f"{result.seed}-watcher"),
        lambda: before + stage.flow.acknowledged,
        stage.supervise,
    )
    watcher.start()
    try:
        yield watcher.seen
    finally:
        result.wrong += watcher.stop().wrong


def _settle(stage: Stage, watched: Watched, scenario: Scenario, result: Result) -> None:
    """Waits until the figures cover the whole log: a lag of 0 may be of a moment ago."""
    begun_s = time.monotonic()
    total = stage.installation.published().total()
    stage.installation.wait_until_committed(scenario.settle_s)
    wait_for(
        lambda: watched.reached >= total and watched.known > 0,
        lambda: f"{watched.reached} of {total} records are in the figures; {watched.known} known",
        scenario.settle_s,
    )
    stage.exporter.wait_until_settled(scenario.settle_s)
    result.measured["settle_s"] = round(time.monotonic() - begun_s, 1)


def _compare_last(last: Scrape, oracle: Oracle, result: Result) -> None:
    right = oracle.figures(last.edge)
    result.figures = len(right)
    if wrong := difference(last.series, right):
        result.wrong.append(f"in the end:\n{wrong}")


def _compare_amid(watched: Watched, log: Log, oracle: Oracle, result: Result) -> None:
    known = [shown for shown in watched.kept if not log.splits_a_merge(shown.offsets)]
    for offsets, scrape in known:
        if wrong := difference(scrape.series, oracle.figures(scrape.edge, offsets)):
            result.wrong.append(f"amid it, at {sum(offsets.values())} records:\n{wrong}")
    if not known:
        result.wrong.append("no scrape amid it could be compared")
    result.scrapes = {
        "whole": watched.whole,
        "held_back": watched.held_back,
        "known": watched.known,
        "compared": len(known),
    }


def _keep(installation: Installation, folder: Path) -> None:
    """Keeps the broker's output and the log, beside what the commands wrote."""
    shutil.copy(installation.kafka.log, folder / "kafka.log")
    shutil.copy(installation.redis.log, folder / "redis.log")
    if installation.kafka.answers():
        read_log(installation.kafka.bootstrap, PARTITIONS).keep(folder / "records.ndjson")
