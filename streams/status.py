"""What a worker reports about a partition, beside its cells."""

from typing import Any

import msgspec

from streams.outcomes import by_topic
from streams.worker.partition import Partition


def status_of(partition: Partition, owner: str) -> dict[str, Any]:
    """Describes a partition: who has it, how far it is, what became of its events."""
    shard = partition.shard
    return {
        "owner": owner,
        "generation": partition.generation,
        "ready": partition.ready,
        "topics": {
            name: {
                "offset": lane.next,
                "lag": lane.lag or 0,
                "last_event_ms": shard.last_event_ms.get(name),
            }
            for name, lane in partition.lanes.items()
        },
        "events": by_topic((*shard.outcomes.items(), *partition.outcomes.items())),
        "restatements": shard.restatements,
        "flush_s": partition.flush_s,
        "restore_s": partition.restore_s,
    }


def encode_status(partition: Partition, owner: str) -> bytes:
    """Encodes a partition's status as JSON."""
    return msgspec.json.encode(status_of(partition, owner))
