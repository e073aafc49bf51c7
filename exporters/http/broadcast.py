"""A broadcast: what changes is looked for once, whoever listens, and told to all of them.

A listener is told the newest of what changed since it was told last, so that one that is slow
needs no queue: it gets more at once.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Final

from exporters.site import News

logger = logging.getLogger(__name__)

BEAT_S: Final = 2.0
"""Time between two looks for what changed: a person sees no difference to less."""

PING_S: Final = 15.0
"""Silence after which a line that means nothing is sent: proxies cut what is silent for a minute,
and a client that is gone shows when it is written to."""

RETRY_MS: Final = 3_000
"""After which a client comes back when it lost its stream."""

LISTENERS_MAX: Final = 32
"""Half of the places there are: pages that stay open leave the others to those who ask."""

STAY_S: Final = 900.0
"""After which a client must ask again, and show that it may."""


TOPICS_MAX: Final = 8
"""Of which changes are looked for: each takes some of a processor, at every beat."""

SHARE: Final = 4
"""A look takes at most one in so many parts of the time: beats are longer where looks are slow."""

LATER_MS: Final = 30_000
"""After which a client comes back for whom there was no room."""


class Broadcast:
    """Tells listeners what changes; in one loop."""

    def __init__(self, look: Callable[[Hashable], Awaitable[News]], usual: Hashable = None) -> None:
        """Takes who looks.

        Args:
            look: Returns what there is to be told of a topic now.
            usual: The topic that has a place whatever others are listened to.
        """
        self._look = look
        self._usual = usual
        self._topics: Counter[Hashable] = Counter()
        self._news: dict[Hashable, News] = {}
        self._beat: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()

    async def listen(self, topic: Hashable, known: str) -> AsyncGenerator[bytes, None]:
        """Yields events for a listener, until it has stayed long enough.

        Args:
            topic: What it listens to.
            known: The name of the moment that it knows of.
        """
        if not self._has_room(topic):
            yield f"retry: {LATER_MS}\n\n".encode()
            return
        self._topics[topic] += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            async for event in self._events(topic, known):
                yield event
        finally:
            self._topics -= Counter([topic])
            if topic not in self._topics:
                self._news.pop(topic, None)

    async def stop(self) -> None:
        """Ends looking."""
        if self._beat is not None:
            self._beat.cancel()
            with suppress(asyncio.CancelledError):
                await self._beat

    def _has_room(self, topic: Hashable) -> bool:
        others = len(self._topics.keys() - {self._usual})
        known = topic == self._usual or topic in self._topics or others < TOPICS_MAX
        return known and self._topics.total() < LISTENERS_MAX

    async def _events(self, topic: Hashable, known: str) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end_s = loop.time() + STAY_S
        while loop.time() < end_s:
            if self._beat is None or self._beat.done():
                self._beat = asyncio.create_task(self._beats())
            looked, news = self._looked, self._news.get(topic)
            if news is not None:
                known, text = news.since(known)
                if text:
                    yield f"id: {known}\ndata: {text}\n\n".encode()
            try:
                async with asyncio.timeout(PING_S):
                    await looked.wait()
            except TimeoutError:
                yield b": still here\n\n"

    async def _beats(self) -> None:
        """Looks at all topics, again and again as long as anybody listens."""
        loop = asyncio.get_running_loop()
        while self._topics:
            begun_s = loop.time()
            for topic in list(self._topics):
                try:
                    self._news[topic] = await self._look(topic)
                except Exception:
                    logger.exception("what changed could not be looked for")
            looked, self._looked = self._looked, asyncio.Event()
            looked.set()
            took_s = loop.time() - begun_s
            await asyncio.sleep(max(BEAT_S, (SHARE - 1) * took_s))
