"""The agenda of the made-up company: who acts when, and which events that makes, in time order.

A *process* is a generator that acts now and yields the instant at which it wants to act next. It
may emit lines for its present or any later instant, never for an earlier one; so whatever lies
before the next wake of all processes is final and can leave in the order of time.

A reporter writes the CloudEvents envelope of everything but the hot usage lines (see `usage`). An
id is `evt_<prefix>_<number>`, numbered by the reporter itself, so that one part of the company
never shifts the ids of another.
"""

from bisect import bisect_left
from collections.abc import Generator, Mapping
from heapq import heappop, heappush
from operator import itemgetter
from typing import TypeAlias

import msgspec

from streams.simulator.stamp import stamp, whole_second

Process: TypeAlias = Generator[int, None, None]
"""Acts, then yields its next instant (ms); ends when it has nothing more to do."""

TimedLine: TypeAlias = tuple[int, bytes]
"""(instant in ms, one JSON event without newline)."""

_instant = itemgetter(0)
_encode = msgspec.json.Encoder().encode


class Agenda:
    """Wakes processes in the order of time and collects the lines they emit.

    Memory grows with the processes and with the lines emitted ahead of time, not with the history.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, Process]] = []
        self._started = 0
        self._done_ms: int | None = None
        self.lines: list[TimedLine] = []

    def start(self, time_ms: int, process: Process) -> None:
        """Lets a process act for the first time at `time_ms`."""
        self._started += 1
        heappush(self._queue, (time_ms, self._started, process))

    def until(self, end_ms: int) -> list[TimedLine]:
        """Lets all act up to `end_ms` (exclusive); returns the lines emitted before it.

        Raises:
            ValueError: If a process does not move forward in time, or emitted a line for the past.
        """
        queue = self._queue
        while queue and queue[0][0] < end_ms:
            time_ms, number, process = heappop(queue)
            wake_ms = next(process, None)
            if wake_ms is None:
                continue
            if wake_ms <= time_ms:
                raise ValueError(f"a life at {time_ms} asked to wake at {wake_ms}")
            heappush(queue, (wake_ms, number, process))
        self.lines.sort(key=_instant)
        cut = bisect_left(self.lines, end_ms, key=_instant)
        ready = self.lines[:cut]
        del self.lines[:cut]
        if ready and self._done_ms is not None and ready[0][0] < self._done_ms:
            raise ValueError(f"told too late: {ready[0][1]!r}")
        self._done_ms = end_ms
        return ready


class Reporter:
    """Emits events of one source, about one account or none, under ids of its own."""

    def __init__(self, agenda: Agenda, source: str, prefix: str, account_id: str | None) -> None:
        self._agenda = agenda
        self._source = source
        self._prefix = f"evt_{prefix}_"
        self._account_id = account_id
        self._emitted = 0

    def emit(
        self,
        time_ms: int,
        kind: str,
        data: Mapping[str, object],
        *,
        subject: str | None = None,
        sequence: int | None = None,
    ) -> str:
        """Emits one event and returns its id; fields of `data` that are None are left out."""
        time_ms = whole_second(time_ms)
        self._emitted += 1
        event_id = f"{self._prefix}{self._emitted:x}"
        about = "" if subject is None else f',"subject":"{subject}"'
        if sequence is not None:
            about = f'{about},"sequence":"{sequence}"'
        envelope = (
            f'{{"specversion":"1.0","id":"{event_id}","source":"{self._source}",'
            f'"type":"{kind}","time":"{stamp(time_ms)}"{about},"data":'
        )
        body = {"account_id": self._account_id, **data}
        if None in body.values():
            body = {name: value for name, value in body.items() if value is not None}
        self._agenda.lines.append((time_ms, b"%b%b}" % (envelope.encode(), _encode(body))))
        return event_id


class Subject:
    """One entity of a reporter; its events carry the subject and count up `sequence`."""

    def __init__(self, reporter: Reporter, subject: str) -> None:
        self._reporter = reporter
        self.name = subject
        self._sequence = 0

    def emit(self, time_ms: int, kind: str, data: Mapping[str, object]) -> str:
        """Emits the next event of this entity and returns its id."""
        self._sequence += 1
        return self._reporter.emit(time_ms, kind, data, subject=self.name, sequence=self._sequence)
