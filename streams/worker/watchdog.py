"""The watchdog: ends a worker that makes no progress, with a reason, from a thread of its own.

Faust and aiokafka can stop without a word: a fetcher stuck after a broker's restart, commits that
wait for ever, an event loop that hangs. A supervisor restarts what exits; nobody restarts what
hangs.
"""

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from streams.clock import monotonic_s

EXIT_STALLED: Final = 75
"""Exit status of a worker ended by the watchdog: EX_TEMPFAIL, try again."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Task:
    """Something that must make progress while it is busy.

    Attributes:
        reason: Slug with which the worker ends if it does not.
        limit_s: Time without progress.
        moved_s: When it last made progress.
        busy: Whether there is anything to do.
        progress: How far it was then; a change counts as progress.
    """

    reason: str
    limit_s: float
    moved_s: float
    busy: bool = False
    progress: object = None

    def note(self, progress: object, *, busy: bool = True) -> None:
        """Notes how far it is; no progress while idle is no stall."""
        if progress != self.progress or not busy or not self.busy:
            self.moved_s = monotonic_s()
        self.progress = progress
        self.busy = busy

    def stalled_s(self, now_s: float) -> float | None:
        """Returns how long it has made no progress, if that is beyond its limit, else None."""
        still_s = now_s - self.moved_s
        return still_s if self.busy and still_s > self.limit_s else None


def end_process(task: Task) -> None:
    """Dumps all stacks and ends the process at once: a stalled one cannot be stopped nicely."""
    _log.critical("%s: no progress for %.0f s; ending the process", task.reason, task.limit_s)
    faulthandler.dump_traceback(file=sys.stderr)
    sys.stderr.flush()
    os._exit(EXIT_STALLED)


class Watchdog:
    """Watches tasks from a daemon thread; a stall is handed to ``end``."""

    def __init__(self, end: Callable[[Task], None] = end_process, every_s: float = 1.0) -> None:
        self._end = end
        self._every_s = every_s
        self._tasks: list[Task] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def task(self, reason: str, limit_s: float) -> Task:
        """Adds a task to watch."""
        task = Task(reason, limit_s, monotonic_s())
        self._tasks.append(task)
        return task

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the watching."""
        self._stopped.set()

    def _watch(self) -> None:
        looked_s = monotonic_s()
        while not self._stopped.wait(self._every_s):
            now_s = monotonic_s()
            # A pause of the whole process (SIGSTOP, a laptop's lid) is no stall of one task.
            slept_s = now_s - looked_s - self._every_s
            looked_s = now_s
            for task in self._tasks:
                if slept_s > self._every_s:
                    task.moved_s += slept_s
                if task.stalled_s(now_s) is not None:
                    self._end(task)
                    return
