"""A folded history: the ledger of all accounts, and what became of the records."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, Protocol

from aggregates.ledger.ledger import Ledger

SAMPLES_MAX: Final = 5
"""Rejected records that are shown one by one; the others are counted."""

Belongs = Callable[[str], bool] | None
"""Whether records under a key may lie where these do; None if all may."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not folded.

    Attributes:
        number: Its number in the source, from 1.
        reason: A slug to count by.
        detail: What is wrong, in words.
    """

    number: int
    reason: str
    detail: str


@dataclass(slots=True)
class History:
    """What records came to.

    Attributes:
        ledger: The cells of all accounts.
        records: Records taken.
        rejected: Records that were not folded, by reason.
        ignored: Records that were well-formed but unheeded, by reason.
        samples: The first records that were not folded, by their numbers.
        attributes: Names of the attributes of accounts that some event gave a value.
    """

    ledger: Ledger = field(default_factory=Ledger)
    records: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    samples: list[Rejected] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)

    def add(self, other: "History") -> None:
        """Adds what other records of the same source came to, but for the ledger."""
        self.records += other.records
        self.rejected.update(other.rejected)
        self.ignored.update(other.ignored)
        both = [*self.samples, *other.samples]
        self.samples = nsmallest(SAMPLES_MAX, both, key=lambda sample: sample.number)
        self.attributes |= other.attributes


class Folder(Protocol):
    """What folds a history: one process, or several."""

    def take(self, values: Sequence[bytes], topic: str | None, belongs: Belongs) -> object:
        """Takes records, in the order of the source; see ``Intake.take``."""

    def history(self) -> History:
        """Brings the ledger up to date, and returns what all records came to."""
