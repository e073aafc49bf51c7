"""Where logs end: asked each second, also to know that the broker answers."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP

from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading

LOOK_S: Final = 1.0
"""Between two questions."""

ANSWER_S: Final = 10.0
"""For an answer; aiokafka itself would wait for 40 s."""

_log = logging.getLogger(__name__)


class Ends:
    """Follows the ends of logs.

    Attributes:
        of: The end of each, as last heard; empty before the first answer.
        answered_s: When that was, by the clock that never goes back.
    """

    def __init__(self, cluster: Cluster, places: Iterable[TP]) -> None:
        self.of: Mapping[TP, int] = {}
        self.answered_s = monotonic_s()
        self._cluster = cluster
        self._places = [TopicPartition(*each) for each in places]

    async def run(self) -> None:
        """Asks until cancelled; begins again when the broker fails it.

        Raises:
            RefusedError: If we may not ask.
        """
        self.answered_s = monotonic_s()  # who follows has just read
        while True:
            try:
                async with reading(self._cluster) as consumer:
                    while True:
                        async with asyncio.timeout(ANSWER_S):
                            found = await consumer.end_offsets(self._places)
                        self.of = {TP(*place): end for place, end in found.items()}
                        self.answered_s = monotonic_s()
                        await asyncio.sleep(LOOK_S)
            except (KafkaError, OSError, TimeoutError) as error:
                _log.warning("cannot ask where logs end, trying on: %r", error)
            await asyncio.sleep(LOOK_S)
