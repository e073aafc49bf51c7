"""The flow: events that are published while faults happen, and what the broker has acknowledged."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from events.dialect import PLAIN
from streams.kafka.cluster import Cluster
from streams.kafka.publish import publish_batches

PAUSE_S: Final = 0.1
"""Between two batches."""

FINISH_S: Final = 120.0
"""For the rest of the lines, which are sent at once when the faults are over."""


class Flow:
    """Publishes lines from a thread of its own; a broker that is away is waited for.

    Attributes:
        acknowledged: Lines that the broker has said it has.
    """

    def __init__(self, bootstrap: str, lines: Sequence[bytes], seconds: float) -> None:
        """Takes lines to spread over about so many seconds."""
        self.acknowledged = 0
        self._bootstrap = bootstrap
        self._lines = lines
        self._batch = max(int(len(lines) * PAUSE_S / seconds), 1)
        self._hurry = threading.Event()
        self._begun = threading.Event()
        # A daemon: the producer waits for ever for a broker that a failed run has left for dead.
        self._thread = threading.Thread(target=self._publish, name="flow", daemon=True)

    def start(self) -> None:
        """Begins to publish, and waits for the first answer: a fault before it would end it."""
        self._thread.start()
        assert self._begun.wait(FINISH_S), "no line is acknowledged"

    def finish(self) -> None:
        """Sends the rest without pauses, and waits until the broker has every line."""
        self._hurry.set()
        self._thread.join(FINISH_S)
        told = f"{self.acknowledged} of {len(self._lines)} lines are acknowledged"
        assert self.acknowledged == len(self._lines), told

    def _publish(self) -> None:
        asyncio.run(
            publish_batches(Cluster(self._bootstrap), self._paced(), "flow", PLAIN, self._note)
        )

    def _paced(self) -> Iterator[Sequence[bytes]]:
        for first in range(0, len(self._lines), self._batch):
            yield self._lines[first : first + self._batch]
            self._hurry.wait(PAUSE_S)

    def _note(self, lines: int) -> None:
        self.acknowledged += lines
        self._begun.set()
