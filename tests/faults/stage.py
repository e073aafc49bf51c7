"""The stage of a run: an installation at work, for faults to happen to."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from signal import SIGTERM
from typing import Final

from tests.end_to_end.commands import Service
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.installation import Installation
from tests.faults.flow import Flow

SESSION_S: Final = 10.0
"""After which a silent worker's partitions are given to others (``WorkerOptions``)."""

_ENDED: Final = {70: "failed", 75: "stalled"}
"""Exit codes of a worker that ends by itself."""


@dataclass
class Stage:
    """What a fault may use.

    Attributes:
        installation: Servers and commands.
        history: The events that were there before, in the order in which they were published.
        flow: The events that come meanwhile.
        exporter: What users see.
        rng: Decides when and to whom things happen.
        done: What was done, in words.
        ended: Reasons by which workers ended by themselves.
        checks: What is asserted when all is settled.
        measured: What was measured, by name.
        supervised: Whether such workers are started again, as a supervisor does.
    """

    installation: Installation
    history: Path
    flow: Flow
    exporter: Exporter
    rng: Random
    done: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    checks: list[Callable[[], None]] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    supervised: bool = True
    _workers: list[Service] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def workers(self) -> list[Service]:
        """The workers that run, paused ones included."""
        with self._lock:
            return list(self._workers)

    def start_worker(self) -> Service:
        """Starts a worker."""
        with self._lock:
            self._workers.append(worker := self.installation.worker())
        return worker

    def kill(self, worker: Service) -> None:
        """Ends a worker as ``kill -9`` does."""
        with self._lock:
            self._workers.remove(worker)
            worker.kill()

    def end(self, worker: Service) -> None:
        """Ends a worker with SIGTERM; it must leave cleanly, unless it has hardly begun."""
        with self._lock:
            self._workers.remove(worker)
        code = worker.end()
        assert code in (0, -SIGTERM), f"{worker.name} ended with {code}:\n{worker.tail()}"

    def supervise(self) -> None:
        """Starts workers again that ended by themselves, and notes why they did."""
        with self._lock:
            for worker in self.workers:
                code = worker.process.poll()
                if code is None:
                    continue
                self._workers.remove(worker)
                self.ended.append(reason_of(worker, code))
                if self.supervised:
                    self.start_worker()

    def noted(self, what: str) -> None:
        """Notes what was done."""
        self.done.append(what)

    def wait(self, least_s: float, most_s: float) -> None:
        """Lets a random time pass, while events flow."""
        time.sleep(self.rng.uniform(least_s, most_s))


def reason_of(worker: Service, code: int) -> str:
    """Returns the reason that a worker named when it ended by itself."""
    said = [line for line in worker.output.read_text().splitlines() if " CRITICAL " in line]
    assert code in _ENDED, f"{worker.name} ended by itself with {code}:\n{worker.tail()}"
    assert said, f"{worker.name} {_ENDED[code]} without a reason:\n{worker.tail()}"
    return said[0].split(": ")[1]
