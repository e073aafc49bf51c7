"""Load: more than a worker takes for a time, and hours of ordinary work."""

import os
import re
import time
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Final

import numpy as np

from tests.end_to_end.commands import Service
from tests.faults.stage import Stage

MOMENT_S: Final = 0.2
"""For which a worker runs; it then stands still for twice as long: a third of what it takes."""

MOMENTS: Final = 60

GROWTH_MAX: Final = 1.5
"""A worker's memory at its peak, as a multiple of what it has with all events folded."""

SOAK_MINUTES: Final = "FAULTS_SOAK_MINUTES"
"""Variable of the environment that says how long to soak."""

WARM: Final = 1 / 3
"""Share of a soak in which memory may still grow."""

SAMPLE_S: Final = 5.0


def memory_mb(service: Service, kind: str = "VmRSS") -> float:
    """Returns how much memory a process has, or had at its peak (``VmHWM``), in MB."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    found = re.search(rf"{kind}:\s+(\d+) kB", status)
    assert found is not None, status
    return int(found[1]) / 1024


def overloaded(stage: Stage) -> None:
    """One worker, starved to a third of its time, while events all come at once."""
    (worker,) = stage.workers
    behind = 0
    for _ in range(MOMENTS):
        worker.process.send_signal(SIGSTOP)
        time.sleep(2 * MOMENT_S)
        worker.process.send_signal(SIGCONT)
        time.sleep(MOMENT_S)
        behind = max(behind, int(sum(stage.exporter.scrape().values("tidemark_lag_records"))))
    stage.noted("a burst of events, and a worker with a third of its time")
    assert behind, "a lag was never shown"
    stage.measured["lag_records_max"] = behind
    stage.checks.append(lambda: _memory_is_bounded(stage))


def _memory_is_bounded(stage: Stage) -> None:
    """The backlog never lay in the worker's memory: with all folded it has about its peak."""
    (worker,) = stage.workers
    peak, now = memory_mb(worker, "VmHWM"), memory_mb(worker)
    stage.measured.update(peak_mb=round(peak), folded_mb=round(now))
    assert peak < GROWTH_MAX * now, f"{peak:.0f} MB at the peak, {now:.0f} MB with all folded"


def soak(stage: Stage) -> None:
    """Events for as long as the environment says; the slope of each process's memory is told."""
    services = [*stage.workers, stage.exporter.service]
    taken: list[list[float]] = []
    begun_s = time.monotonic()
    while (passed_s := time.monotonic() - begun_s) < soak_s():
        taken.append([passed_s / 3600, *(memory_mb(service) for service in services)])
        time.sleep(SAMPLE_S)
    hours, *memory = np.array(taken)[int(len(taken) * WARM) :].T
    for number, each in enumerate(memory):
        slope = np.polyfit(hours, each, 1)[0]
        stage.measured[f"{services[number].name}_{number}_mb_an_hour"] = round(float(slope), 2)
    stage.noted(f"{soak_s() / 60:g} minutes of events")


def soak_s() -> float:
    """Returns for how long to soak."""
    return 60 * float(os.environ.get(SOAK_MINUTES, "10"))
