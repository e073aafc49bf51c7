"""What every contender shares: settings and stop-watch, so that none is measured differently.

The job: read all ``feature.used`` events of a topic; keep, for each user, the set of (feature, day)
pairs; count the distinct (user, feature, day).
"""

import json
import os
import time
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "bench."
"""Before the topics' short names."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one contender.

    Attributes:
        broker: ``HOST:PORT``.
        topic: Short name of the topic to read, under ``PREFIX``.
        count: Events in the topic.
        partitions: Its partitions.
        limit_s: A slower contender stops then; its count is then not checked.
        run: Goes into the name of every group and changelog.
        file: The same events as NDJSON.
    """

    broker: str
    topic: str
    count: int
    partitions: int
    limit_s: float
    run: str
    file: str

    def environment(self) -> dict[str, str]:
        """Returns the job as an environment variable for a contender's process."""
        return {"TIDEMARK_BENCH": json.dumps({n: getattr(self, n) for n in self.__slots__})}

    @classmethod
    def given(cls) -> "Job":
        """Returns the job that this process is to do."""
        return cls(**json.loads(os.environ["TIDEMARK_BENCH"]))


class Meter:
    """Counts events from the first one in hand to the last one handled."""

    def __init__(self, job: Job) -> None:
        self.done = 0
        self._job = job
        self._skipped = 0
        self._begun: tuple[float, float] | None = None
        self._ended: tuple[float, float] | None = None

    def begin(self, skipped: int = 0) -> None:
        """Starts the clock; ``skipped`` events were handled before and do not count."""
        if self._begun is None:
            self.done = self._skipped = skipped
            self._begun = time.perf_counter(), time.process_time()

    def add(self, count: int) -> bool:
        """Counts handled events; returns whether the contender is done, or out of time."""
        self.begin()
        assert self._begun is not None
        self.done += count
        late = time.perf_counter() - self._begun[0] > self._job.limit_s
        if self._ended is None and (late or self.done >= self._job.count):
            self._ended = time.perf_counter(), time.process_time()
        return self._ended is not None

    def report(self, distinct: int | None) -> None:
        """Prints the result for the runner."""
        assert self._begun is not None
        assert self._ended is not None
        result = {
            "events": self.done - self._skipped,
            "seconds": self._ended[0] - self._begun[0],
            "cpu_s": self._ended[1] - self._begun[1],
            "distinct": distinct if self.done >= self._job.count else None,
        }
        print("RESULT " + json.dumps(result), flush=True)
