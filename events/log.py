"""What takes accepted events: the protocol between a gateway and the log that it writes to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from events.errors import TidemarkError


class LogError(TidemarkError):
    """A log does not take events now; whoever sent them is to send them again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that is no event, kept with the reason, so that it can be mended and sent again.

    Attributes:
        origin: Where it came from, such as `webhooks/stripe`.
        reason: A slug to count by.
        detail: What is wrong, in words.
        record: The record as it came.
    """

    origin: str
    reason: str
    detail: str
    record: bytes


@dataclass(slots=True)
class Stored:
    """What a log did with events.

    Attributes:
        new: How many it has that it had not.
        known: How many it had already, the same; a log that cannot tell says they are new.
        other: Places of those whose id it knows with other content: the first holds.
    """

    new: int = 0
    known: int = 0
    other: list[int] = field(default_factory=list)

    def add(self, more: "Stored") -> None:
        """Adds what was done with other events, whose places are then of no meaning."""
        self.new += more.new
        self.known += more.known
        self.other += more.other


class Log(Protocol):
    """Where accepted events go. Its coroutines all run in one loop."""

    async def start(self) -> None:
        """Gets ready.

        Raises:
            LogError: If it cannot.
        """

    async def stop(self) -> None:
        """Ends; what it was given before is stored."""

    async def check(self) -> None:
        """Finds out, without leaving a trace, whether it would take events now.

        Raises:
            LogError: If it would not.
        """

    async def store(self, events: Sequence[bytes], letters: Sequence[Letter]) -> Stored:
        """Stores events and letters; returns when they are durable.

        Args:
            events: Well-formed events, one line each.
            letters: What came with them and is none.

        Raises:
            LogError: If it does not take them. Some may be stored; to send all again is harmless.
        """
