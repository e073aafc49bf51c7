"""An event loop without a selector: it runs what is ready, and comes back when all wait."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import TypeVarTuple

Ts = TypeVarTuple("Ts")


class Clock:
    """A clock that goes on when the world says so."""

    def __init__(self) -> None:
        self._now_s = 1_000.0

    def __call__(self) -> float:
        """Returns its seconds."""
        return self._now_s

    def pass_by(self, seconds: float) -> None:
        """Lets time pass."""
        self._now_s += seconds


class Loop(asyncio.BaseEventLoop):
    """An event loop by a clock of its own: sleeps and time limits end when the world says so.

    It is called, where others call: between two calls of ``settle`` all tasks wait, and whoever
    drives it does as they please.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._soon: deque[asyncio.Handle] = deque()
        self._later: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        """Returns the seconds of the clock."""
        return self._clock()

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Has something called by the next ``settle``, or by the one under way."""
        handle = asyncio.Handle(callback, args, self, context)
        self._soon.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Has something called by the first ``settle`` at that time or later."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._later, handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled one lies until its time has come."""

    def settle(self) -> None:
        """Lets all go on until they wait again."""
        now_s = self._clock()
        while self._later and self._later[0].when() <= now_s:
            self._soon.append(heapq.heappop(self._later))
        while self._soon:
            handle = self._soon.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 - there is no public way

    @contextmanager
    def current(self) -> Iterator[None]:
        """Makes it the running loop."""
        asyncio._set_running_loop(self)  # noqa: SLF001 - meant for event loops
        try:
            yield
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001
            self.close()
