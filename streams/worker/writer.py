"""Writing record batches to single partitions, with the broker's word that they are stored.

Owns the two-step delivery: everything, and only then the batch that holds the marker which vouches
for it.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from faust.types import TP

from streams.kafka.batches import KeyValue, packed
from streams.kafka.refusal import WRITE, asking


class BatchWriter:
    """Packs records into batches and delivers them in order, with a started idempotent producer."""

    def __init__(self, producer: Callable[[], AIOKafkaProducer]) -> None:
        self._producer = producer

    def pack(self, records: Iterable[KeyValue]) -> list[Any]:
        """Packs records, synchronously on purpose: they are of one moment of the state."""
        return packed(self._producer(), records)

    async def deliver(self, tp: TP, batches: Sequence[Any]) -> list[tuple[int, int]]:
        """Writes batches to a partition, the last one once all others are stored.

        Returns:
            The offsets [first, end) that each batch got.

        Raises:
            KafkaError: If the broker does not take one within the producer's own time.
            RefusedError: If we may not write there.
        """
        if not batches:
            return []
        before = await self._send(tp, batches[:-1])
        return before + await self._send(tp, batches[-1:])

    async def _send(self, tp: TP, batches: Sequence[Any]) -> list[tuple[int, int]]:
        producer = self._producer()
        counts = [batch.record_count() for batch in batches]
        with asking(WRITE):
            stored = [
                await producer.send_batch(b, tp.topic, partition=tp.partition) for b in batches
            ]
            # Shielded: a batch under way must not be cancelled with the checkpoint that waits for
            # it.
            answers = await asyncio.gather(*(asyncio.shield(future) for future in stored))
        return [
            (answer.offset, answer.offset + count)
            for answer, count in zip(answers, counts, strict=True)
        ]
