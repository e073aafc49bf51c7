"""What never became part of a row: records that were not folded, and what was not heeded.

Counted by topic and reason, both of which are words of ours and few; nothing that a record says
becomes one.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from aggregates.rows.history import Refusal
from events import WRONG_PARTITION, Reject

REJECTED: Final = "rejected"
"""Outcome of records that are no events."""

IGNORED: Final = "ignored"
"""Outcome of what is well-formed and unheeded."""

MIXED: Final = "mixed"
"""Stands for the topic where a source has all of them together, and a record is of none."""

_Key = tuple[str, str]


class LeftOut:
    """Counts since a partition was taken, or a process began.

    Attributes:
        rejected: Records that were not folded, by topic and reason.
        ignored: What was unheeded, by topic and reason: fields that are not known, else records.
        outcomes: Of both what never reached a shard, by topic and outcome.
        examples: Of each topic and reason, where the last such record lies and what is wrong.
    """

    def __init__(self) -> None:
        self.rejected: Counter[_Key] = Counter()
        self.ignored: Counter[_Key] = Counter()
        self.outcomes: Counter[_Key] = Counter()
        self.examples: dict[_Key, str] = {}

    def reject(self, topic: str, place: str, bad: Reject | Refusal) -> None:
        """Counts a record that was not folded.

        Its example says no value of it. What a fold refuses is told by its place alone: the words
        of a refusal name the event.

        Args:
            topic: Its topic.
            place: Where it lies, in words.
            bad: What is wrong with it.
        """
        key = topic, bad.reason
        self.rejected[key] += 1
        self.examples[key] = place
        if isinstance(bad, Reject):
            self.outcomes[topic, REJECTED] += 1
            self.examples[key] = f"{place}: {bad.detail}"
        elif bad.reason == WRONG_PARTITION:
            self.outcomes[topic, WRONG_PARTITION] += 1

    def ignore(self, topic: str, ignored: Mapping[str, int]) -> None:
        """Counts what was not heeded, by reason."""
        for reason, count in ignored.items():
            if count:
                self.ignored[topic, reason] += count
                self.outcomes[topic, IGNORED] += count


def by_reason(counts: Mapping[_Key, int]) -> Counter[str]:
    """Adds counts of all topics up.

    >>> by_reason({("usage", "no_key"): 2, ("ticket", "no_key"): 1})
    Counter({'no_key': 3})
    """
    found: Counter[str] = Counter()
    for (_, reason), count in counts.items():
        found[reason] += count
    return found
