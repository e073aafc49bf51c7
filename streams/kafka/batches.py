"""Record batches, filled by hand: a producer's own `send` costs a future for each record."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer

BULK: Final[Mapping[str, Any]] = {
    "compression_type": "lz4",
    "max_batch_size": 1 << 20,
    "max_request_size": 16 << 20,
}
"""Options of a producer that writes many records at once."""

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
