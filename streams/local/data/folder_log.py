"""The log of a folder as a gateway writes to it: requests that wait are stored together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from events.log import Letter, Stored
from streams.local.data.event_log import EventLog


class _Waiting(NamedTuple):
    events: Sequence[bytes]
    letters: Sequence[Letter]
    stored: "asyncio.Future[Stored]"


class FolderLog:
    """Appends in a thread of its own; one sync of the disk serves all who wait for it."""

    def __init__(self, log: EventLog, clock_ms: Callable[[], int]) -> None:
        self._log = log
        self._clock_ms = clock_ms
        self._thread = ThreadPoolExecutor(1, "tidemark-log")
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Gets ready; see ``events.log.Log``."""

    async def check(self) -> None:
        """Finds out whether the disk takes events; see ``events.log.Log``."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._log.check)

    async def stop(self) -> None:
        """Ends, once what waits is stored."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()

    async def store(self, events: Sequence[bytes], letters: Sequence[Letter]) -> Stored:
        """Stores events and letters; see ``events.log.Log``."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(events, letters, loop.create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await asyncio.shield(waiting.stored)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                stored = await loop.run_in_executor(self._thread, self._append, taken)
            except Exception as error:  # whatever it is: nobody waits for ever
                for each in taken:
                    each.stored.set_exception(error)
                    each.stored.exception()  # counts as seen if its client has gone
                continue
            for each, result in zip(taken, stored, strict=True):
                each.stored.set_result(result)

    def _append(self, taken: Sequence[_Waiting]) -> list[Stored]:
        return self._log.append([(each.events, each.letters) for each in taken], self._clock_ms())
