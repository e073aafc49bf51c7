"""What an explorer holds of one partition number: a shard, and the courses of its tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from faust.types import TP

from aggregates.rows.store import StaleRowError
from aggregates.shard.board import PartitionStatus
from aggregates.shard.fingerprint import Fingerprint
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import TOPICS
from events.errors import UNREADABLE
from streams.explorer.course import Course
from streams.explorer.tables import Tables
from streams.kafka.placement import placed
from streams.worker.changelog import HEADER_BYTES
from streams.worker.error import WorkerError
from streams.worker.table_log import TableLog


@dataclass(slots=True)
class Followed:
    """One partition.

    Attributes:
        shard: Its rows and its ledger.
        courses: Its tables, by short name of their topic.
    """

    shard: Shard
    courses: Mapping[str, Course]

    def file(self, most: int | None = None) -> int:
        """Files rows that markers vouch for, at most so many; returns how many.

        Raises:
            WorkerError: If one cannot be read, as where another version of the program packed it.
        """
        filed = 0
        for topic, course in self.courses.items():
            while course.rows and filed != most:
                key, value = course.rows.popitem()
                try:
                    self.shard.handover.restore_row(topic, key, value[HEADER_BYTES:])
                except (StaleRowError, *UNREADABLE) as error:
                    where = f"{course.tp.topic}[{course.tp.partition}]"
                    raise WorkerError("restore-failed", f"{where}: {error}") from error
                filed += 1
        return filed

    def waits_for(self) -> str:
        """Says why the partition is not whole; empty if it is."""
        count = self.shard.handover.row_count
        reasons = (course.waits_for(count(topic)) for topic, course in self.courses.items())
        return next(filter(None, reasons), "")

    def status(
        self, own: Fingerprint, ends: Mapping[TP, int], broker_age_s: float, waits_for: str
    ) -> PartitionStatus:
        """Describes the partition as a worker describes its own.

        Args:
            own: The fingerprint of the tables.
            ends: Where logs end, as far as that is known.
            broker_age_s: Seconds since Kafka last answered.
            waits_for: Why it is not whole; empty if it is.
        """
        topics = {topic: course.progress(ends) for topic, course in self.courses.items()}
        return PartitionStatus(
            owner="explorer",
            ready=not waits_for,
            topics=topics,
            broker_age_s=round(broker_age_s, 1),
            deferred=self.shard.deferred,
            fingerprint=own.digest,
            settings=own.settings,
            waits_for=waits_for,
            stored_ms=max(course.written_ms or 0 for course in self.courses.values()),
        )


def new_followed(number: int, plan: Plan, tables: Tables) -> Followed:
    """Makes the empty state of a partition number."""
    topics = tables.topics
    courses = {
        name: Course(TP(topics.source(name), number), TableLog(TP(topics.changelog(name), number)))
        for name in TOPICS
    }
    holds = placed(number, tables.partitions)
    return Followed(Shard(plan, number, bulk=True, holds=holds), courses)
