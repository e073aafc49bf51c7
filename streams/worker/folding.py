"""From a run to the shard: joins runs, decodes, folds, keeps what to acknowledge or reject.

Folding an event twice changes nothing, so a redelivered run is harmless as such. What is not is a
missing one. Each run therefore has to begin where the last one ended; a later one is not folded,
and its source is read again from where the state ends. What lies before that is skipped: this very
state holds it already.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from faust.types import EventT

from aggregates.rows.history import Refusal
from events import MISPLACED, WRONG_PARTITION, Decoder, Reject
from streams.clock import monotonic_s, now_ms
from streams.kafka.dead_letter import dead_letter_of
from streams.kafka.runs import Run
from streams.kafka.wire import decode
from streams.worker.error import WorkerError
from streams.worker.partition import Lane, Partition

REWIND_WAIT_S: Final = 5.0
"""After a rewind, runs fetched before it still come in; ask again only if none joins for this
long."""


class Folding:
    """Folds runs into a worker's partitions, which the worker changes; decoders are by topic."""

    def __init__(
        self, partitions: Mapping[int, Partition], decoders: Mapping[str, Decoder]
    ) -> None:
        self._partitions = partitions
        self._decoders = decoders
        self.records = 0

    def overdue(self) -> list[Lane]:
        """Lanes that no run has joined since they were rewound: the log may have no later one."""
        return [
            lane
            for partition in self._partitions.values()
            if partition.ready
            for lane in partition.lanes.values()
            if _is_overdue(lane)
        ]

    def take(self, name: str, event: EventT[Any], rewind: Callable[[Lane], None]) -> None:
        """Folds the run of an event, or finds that it must not be folded.

        Args:
            name: Short name of the topic.
            event: A Faust event whose value is a run.
            rewind: Reads a lane's source again from where the state ends.

        Raises:
            WorkerError: If decoding or folding raises, which is a bug, never the data.
        """
        run = cast(Run, event.value)
        partition = self._partitions.get(run.partition)
        if partition is None or not partition.ready:
            return
        lane = partition.lanes[name]
        if run.begin > lane.next:
            if lane.rewound_s is None or _is_overdue(lane):
                rewind(lane)
            return
        lane.rewound_s = None
        self._fold(partition, lane, run.starting_at(lane.next))
        partition.pending.append(event)
        partition.pending_records += len(run.records)
        # The checkpoint needs the event for its acknowledgement only, and the records are large.
        run.records = ()

    def _fold(self, partition: Partition, lane: Lane, run: Run) -> None:
        if run.log_end is not None:
            lane.log_end = run.log_end
        if run.end <= lane.next:
            return
        if run.records:
            try:
                self._fold_records(partition, lane, run)
            except Exception as error:
                where = f"{run.topic}[{run.partition}] offsets {run.begin} to {run.end - 1}"
                raise WorkerError("fold-failed", f"{where}: {error!r}") from error
        lane.next = run.end

    def _fold_records(self, partition: Partition, lane: Lane, run: Run) -> None:
        records, shard = run.records, partition.shard
        decoded = decode(self._decoders[lane.name], records)
        batch, owner = decoded.batch, decoded.owner
        batch.key_at = lambda index: records[owner(index)].key
        misplaced = [
            Refusal(index, WRONG_PARTITION, _misplaced(records[owner(index)].key))
            for index in batch.take_out(shard.holds)
        ]
        refused = shard.fold(lane.name, batch, run.end - 1)
        bad: list[Reject | Refusal] = [*batch.rejects, *misplaced, *refused]
        partition.dead_letters += (
            dead_letter_of(run, owner(each.index), each, decoded.values[each.index], now_ms())
            for each in bad
        )
        for each in bad:
            offset = records[owner(each.index)].offset
            place = f"{run.topic}[{run.partition}] offset {offset}"
            partition.left_out.reject(lane.name, place, each)
        partition.left_out.ignore(lane.name, batch.ignored)
        self.records += len(run.records)


def _misplaced(key: bytes | None) -> str:
    """Says why a record lies where its account's do not, as far as its key tells."""
    if key is not None and len(key) > 1 and key[:1] == key[-1:] == b'"':
        return f"{MISPLACED} Its key is in quotes, as a JSON converter writes it: send plain text"
    return MISPLACED


def _is_overdue(lane: Lane) -> bool:
    return lane.rewound_s is not None and monotonic_s() - lane.rewound_s > REWIND_WAIT_S
