"""A source of event history: what a file and a Kafka cluster both offer to replay and backfill."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from events.errors import TidemarkError

KAFKA_SCHEME: Final = "kafka://"
"""Before the bootstrap servers, in the name of a source that is a cluster."""


ACCEPT_MISSING: Final = "--accept-missing-history"
"""The option with which a log is read that is not whole."""


class SourceError(TidemarkError):
    """A source cannot be read."""


class HistorySource(Protocol):
    """Event history, read once from beginning to end.

    Attributes:
        name: What a person calls it by.
        size: Bytes or records to read, or None if that is not known.
        done: Bytes or records read so far.
        numbers: Where the records of the last batch stand in it, from 1 on.
        topic: Short name of the topic of the last batch, or None if its events may be of any.
        belongs: Whether records under a key may lie where the last batch did; None if all may.
    """

    name: str
    size: int | None
    done: int
    numbers: Sequence[int]
    topic: str | None
    belongs: Callable[[str], bool] | None

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the events, many at a time.

        Raises:
            SourceError: If the source cannot be read.
        """

    def account(self) -> dict[str, Any]:
        """Returns what was read, as the manifest of a backfill has it."""
