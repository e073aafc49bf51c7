"""Kafka as a gateway writes to it: accepted events to their topics, letters to the dead letters."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiokafka.errors import KafkaError

from events.dialect import PLAIN, Dialect
from events.errors import TidemarkError
from events.log import Letter, LogError, Stored
from streams.kafka.cluster import Cluster
from streams.kafka.publish import Publisher

STORE_S: Final = 10.0
"""For all replicas to have what a request brought: milliseconds, or seconds where a leader moves.
Whoever posts waits for it."""

CHECK_S: Final = 3.0
"""For a broker to say who leads: less than the probe of an orchestrator waits."""


class KafkaLog:
    """Stores with a producer that waits for all replicas; another is made where one has failed.

    Kafka does not know which events it has already: all are new to it, and duplicates are told
    where they are folded.
    """

    def __init__(self, cluster: Cluster, dialect: Dialect = PLAIN) -> None:
        self._cluster = cluster
        self._dialect = dialect
        self._publisher: Publisher | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Connects; see ``events.log.Log``."""
        await self._connected()

    async def check(self) -> None:
        """Asks the brokers whether each partition has a leader; see ``events.log.Log``."""
        publisher = await self._connected()
        try:
            async with asyncio.timeout(CHECK_S):
                missing = await publisher.leaderless()
        except TimeoutError as error:
            raise LogError(f"kafka {self._cluster}: no answer for {CHECK_S:g} s") from error
        except (KafkaError, OSError) as error:
            raise LogError(f"kafka {self._cluster}: {error or type(error).__name__}") from error
        if missing:
            raise LogError(f"kafka {self._cluster}: no leader of {', '.join(missing)}")

    async def stop(self) -> None:
        """Sends what is buffered and disconnects."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.stop()

    async def store(self, events: Sequence[bytes], letters: Sequence[Letter]) -> Stored:
        """Stores events and letters; see ``events.log.Log``."""
        publisher = await self._connected()
        try:
            async with asyncio.timeout(STORE_S):
                await publisher.publish(events, "gateway")
                await publisher.refuse(letters)
        except TimeoutError as error:
            # The producer goes on trying: what it has may be stored later, and be sent again.
            raise LogError(f"kafka {self._cluster}: no answer for {STORE_S:g} s") from error
        except (KafkaError, OSError) as error:
            if self._publisher is publisher:
                self._publisher = None
                with suppress(KafkaError, OSError):
                    await publisher.stop()
            raise LogError(f"kafka {self._cluster}: {error or type(error).__name__}") from error
        return Stored(new=len(events))

    async def _connected(self) -> Publisher:
        async with self._turn:
            if self._publisher is not None and self._publisher.is_outdated:
                await self.stop()
            if self._publisher is None:
                publisher = Publisher(self._cluster, self._dialect)
                try:
                    await publisher.start()
                except (KafkaError, OSError, TidemarkError) as error:
                    with suppress(KafkaError, OSError):
                        await publisher.stop()
                    said = error or type(error).__name__
                    raise LogError(f"kafka {self._cluster}: {said}") from error
                self._publisher = publisher
            return self._publisher
