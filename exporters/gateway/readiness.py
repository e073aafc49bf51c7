"""Readiness: whether the log would take events, asked once for all who ask at about that time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from events.log import LogError

ANSWER_S: Final = 5.0
"""For a log to say so: a disk or a broker that hangs takes nothing. An append that is under way may
take a second."""

SHARED_S: Final = 1.0
"""For how long an answer holds: whoever asks a hundred times a second writes once a second."""


class Readiness:
    """What a check found last. Its callers all run in one loop."""

    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        """Takes the check, which raises LogError where the log would take nothing."""
        self._check = check
        self._checking: asyncio.Task[None] | None = None
        self._until_s = 0.0

    async def found(self) -> None:
        """Returns if the log takes events.

        Raises:
            LogError: If it does not, or does not say so in time.
        """
        loop = asyncio.get_running_loop()
        checking = self._checking
        if checking is None or (checking.done() and loop.time() >= self._until_s):
            self._checking = checking = asyncio.create_task(self._checked())
        try:
            async with asyncio.timeout(ANSWER_S):
                await asyncio.shield(checking)
        except TimeoutError as error:
            raise LogError(f"the log does not answer for {ANSWER_S:g} s") from error

    async def stop(self) -> None:
        """Waits for a check that is under way."""
        if self._checking is not None:
            with suppress(LogError, TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await self._checking

    async def _checked(self) -> None:
        try:
            await self._check()
        finally:
            self._until_s = asyncio.get_running_loop().time() + SHARED_S
