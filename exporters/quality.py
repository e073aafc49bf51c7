"""Data quality: what became of the records that came in, and what is to be mended.

Its words are ours: reasons, places and what is wrong with a field. Nothing that a record says is
shown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from events.checking.checker import AHEAD_MS
from events.checking.remedies import remedy_of
from exporters.live_reading import Reading
from exporters.service_metrics import last_events_ms

EXAMPLE_CHARS_MAX: Final = 300

_NOT_TAKEN: Final = frozenset(
    {"rejected", "wrong_partition", "refused", "conflict", "full", "ignored"}
)
"""Outcomes of what changed nothing because it could not, or was not heeded."""

_NOTHING_NEW: Final = frozenset({"duplicate", "known"})
"""Outcomes of events that change nothing since what they tell is known."""

_ORPHANS: Final = "tickets_never_created"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a topic was left out for one reason.

    Attributes:
        reason: The name of the reason.
        means: What it says of a record.
        topic: The topic.
        count: How many there are.
        example: Where the last one lies, and what is wrong; empty if that is not known.
        mend: What to do.
    """

    reason: str
    means: str
    topic: str
    count: int
    example: str
    mend: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What became of all that came in since the exporter started.

    Attributes:
        is_counted: Whether records are counted at all: where rows are read from what workers have
            stored, the workers count.
        folded: Events that were folded.
        nothing_new: Those of them that told what was known.
        rejected: Records that were not folded.
        ahead_ms: By topic, by how much (ms) its latest event is ahead of now, where it is much.
        orphans: Tickets that are changed and never created.
        not_folded: Records that were not folded, the most frequent reason first.
        not_heeded: What is well-formed and was not heeded, likewise.
    """

    is_counted: bool
    folded: int
    nothing_new: int
    rejected: int
    ahead_ms: Mapping[str, int]
    orphans: int
    not_folded: tuple[LeftOut, ...]
    not_heeded: tuple[LeftOut, ...]


def quality_of(reading: Reading) -> Quality:
    """Returns the data quality of a reading."""
    counts = reading.counts
    outcomes: Counter[str] = Counter()
    for (_, outcome), count in counts.events.items():
        outcomes[outcome] += count
    statuses = [each.status for each in reading.state.partitions if each.status is not None]
    return Quality(
        is_counted=all(status.stored_ms is None for status in statuses),
        folded=sum(outcomes[each] for each in outcomes.keys() - _NOT_TAKEN),
        nothing_new=sum(outcomes[each] for each in outcomes.keys() & _NOTHING_NEW),
        rejected=sum(counts.rejected.values()),
        ahead_ms=_ahead(reading),
        orphans=_orphans(reading),
        not_folded=_left_out(counts.rejected, _examples(reading)),
        not_heeded=_left_out(counts.ignored, {}),
    )


def _ahead(reading: Reading) -> dict[str, int]:
    latest = last_events_ms(reading.state.partitions)
    ahead = {topic: at_ms - reading.now_ms for topic, at_ms in sorted(latest.items())}
    return {topic: ahead_ms for topic, ahead_ms in ahead.items() if ahead_ms > AHEAD_MS}


def _orphans(reading: Reading) -> int:
    """Returns how many tickets are never created, as the KPI of that name has it."""
    results = reading.figures.results if reading.figures is not None else ()
    return round(sum(float(each.values[0]) for each in results if each.kpi.id == _ORPHANS))


def _examples(reading: Reading) -> dict[tuple[str, str], str]:
    """Returns where a record of each topic and reason lies, of any partition."""
    return {
        (topic, reason): example[:EXAMPLE_CHARS_MAX]
        for partition in reading.state.partitions
        if partition.status is not None
        for topic, examples in partition.status.examples.items()
        for reason, example in examples.items()
    }


def _left_out(
    counts: Mapping[tuple[str, str], int], examples: Mapping[tuple[str, str], str]
) -> tuple[LeftOut, ...]:
    found = []
    for key, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        topic, reason = key
        means, mend = remedy_of(reason)
        found.append(LeftOut(reason, means, topic, count, examples.get(key, ""), mend))
    return tuple(found)
