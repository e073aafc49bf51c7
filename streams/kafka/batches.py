"""Record batches, filled by hand: a producer's own `send` costs a future for each record."""

from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

KeyValue = tuple[bytes | None, bytes]


def packed(producer: AIOKafkaProducer, records: Iterable[KeyValue]) -> list[Any]:
    """Fills as many batches as the records need, in order, and closes them."""
    batches: list[Any] = []
    batch = None
    for key, value in records:
        if batch is None or batch.append(timestamp=None, key=key, value=value) is None:
            batch = producer.create_batch()
            batches.append(batch)
            batch.append(timestamp=None, key=key, value=value)
    for batch in batches:
        batch.close()
    return batches
