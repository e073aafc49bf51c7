"""The state of the service: what became of records, and how fresh and whole figures are."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from events import format_instant
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import Operation
from exporters.quality import LeftOut, quality_of
from exporters.service_metrics import lags, last_events_ms

_MS_A_SECOND: Final = 1_000


class OneReason(Struct):
    """What of a topic was left out for one reason."""

    reason: str
    means: Annotated[str, Meta(description="What that says of a record.")]
    topic: str
    count: int
    example: Annotated[str, Meta(description="Where the last one lies, and what is wrong.")]
    mend: Annotated[str, Meta(description="What to do.")]

    @classmethod
    def of(cls, left: LeftOut) -> "OneReason":
        """Returns what was left out as an object."""
        return cls(left.reason, left.means, left.topic, left.count, left.example, left.mend)


class Quality(Struct):
    """What became of all that came in since this process began to count."""

    folded: Annotated[int, Meta(description="Events that were folded.")]
    nothing_new: Annotated[int, Meta(description="Those of them that told what was known.")]
    rejected: Annotated[int, Meta(description="Records that were not folded.")]
    ahead_seconds: Annotated[
        dict[str, float], Meta(description="Topics whose latest event is much ahead of now.")
    ]
    tickets_never_created: Annotated[int, Meta(description="Tickets changed and never created.")]
    not_folded: Annotated[list[OneReason], Meta(description="By reason, the most frequent first.")]
    not_heeded: Annotated[list[OneReason], Meta(description="What is well-formed and of no use.")]


class Topic(Struct):
    """How far a topic is read."""

    topic: str
    last_event: Annotated[str | None, Meta(description="When its latest event happened.")]
    lag: Annotated[int | None, Meta(description="Records not yet read; null where unknown.")]


class Freshness(Struct):
    """How fresh and whole figures are."""

    now: Annotated[str, Meta(description="The time at which this is told.")]
    at: Annotated[str, Meta(description="The edge at which figures are read; it is exclusive.")]
    complete: Annotated[bool, Meta(description="Whether figures are whole; else none are shown.")]
    reason: Annotated[str, Meta(description="Why they are not.")]
    partitions: Annotated[int, Meta(description="Partitions that are held.")]
    partitions_expected: Annotated[int, Meta(description="Partitions there are; 0: unknown.")]
    oldest_seconds: Annotated[float | None, Meta(description="Age of the oldest partition.")]
    topics: list[Topic]
    catalogue_problem: Annotated[str, Meta(description="Why new KPI files are not in force.")]


def _quality(inquiry: Inquiry) -> Answered:
    found = quality_of(inquiry.reading)
    return Answered(
        Quality(
            folded=found.folded,
            nothing_new=found.nothing_new,
            rejected=found.rejected,
            ahead_seconds={name: ms / _MS_A_SECOND for name, ms in found.ahead_ms.items()},
            tickets_never_created=found.orphans,
            not_folded=[OneReason.of(each) for each in found.not_folded],
            not_heeded=[OneReason.of(each) for each in found.not_heeded],
        )
    )


def _freshness(inquiry: Inquiry) -> Answered:
    reading, state = inquiry.reading, inquiry.reading.state
    behind, latest = lags(state.partitions), last_events_ms(state.partitions)
    topics = [
        Topic(name, format_instant(latest[name]) if name in latest else None, behind.get(name))
        for name in sorted({*behind, *latest})
    ]
    return Answered(
        Freshness(
            now=format_instant(reading.now_ms),
            at=instant(reading.edge),
            complete=state.complete,
            reason=state.reason,
            partitions=len(state.partitions),
            partitions_expected=state.expected,
            oldest_seconds=max((each.age_s for each in state.partitions), default=None),
            topics=topics,
            catalogue_problem=reading.problem,
        )
    )


OPERATIONS: Final = (
    Operation(
        "get_quality",
        "/quality",
        "What became of the records that came in",
        "What the section on data quality of the page shows.",
        Quality,
        _quality,
        has_table=False,
        of_figures=False,
        is_tagged=False,
    ),
    Operation(
        "get_freshness",
        "/freshness",
        "How fresh and whole figures are",
        "What the head of the page shows; also while figures are not whole.",
        Freshness,
        _freshness,
        has_table=False,
        of_figures=False,
        is_tagged=False,
    ),
)
