"""Data quality on the index page: what became of the records that came in, and what to mend.

Its words are ours: reasons, places and what is wrong with a field. Nothing that a record says is
shown.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from events.checking.checker import AHEAD_MS
from events.checking.remedies import remedy_of
from exporters.live_reading import Reading
from exporters.quantity import duration, number
from exporters.service_metrics import last_events_ms

EXAMPLE_CHARS_MAX: Final = 300

_NOT_TAKEN: Final = frozenset(
    {"rejected", "wrong_partition", "refused", "conflict", "full", "ignored"}
)
"""Outcomes of what changed nothing because it could not, or was not heeded."""

_NOTHING_NEW: Final = frozenset({"duplicate", "known"})
"""Outcomes of events that change nothing since what they tell is known."""

_ORPHANS: Final = "tickets_never_created"

_REJECTED_HEADS: Final = ("Why", "Topic", "Records", "The last one", "What to do")
_IGNORED_HEADS: Final = ("Why", "Topic", "Count", "What to do")


def quality(reading: Reading) -> Iterator[str]:
    """Yields the section about data quality of a reading."""
    counts = reading.counts
    yield '<section aria-labelledby="quality"><h2 id="quality">Data quality</h2>'
    if any(each.status and each.status.stored_ms is not None for each in reading.state.partitions):
        yield "<p>Records are counted by the workers, of whom an exporter tells.</p>"
    else:
        yield f"<p>{_summary(reading)}</p>"
    for topic, ahead_ms in sorted(_ahead(reading).items()):
        yield f"<p><strong>Events of {escape(topic)} lie {duration(ahead_ms / 1_000)} ahead of now:"
        yield "</strong> set the clock of their producer right.</p>"
    if orphans := _orphans(reading):
        yield f"<p><strong>{_count(orphans)} tickets are changed and never created:</strong> "
        yield "no other figure has them; let their producer send ticket.created too.</p>"
    if counts.rejected:
        rows = _rows(counts.rejected, _examples(reading))
        yield from _table("Not folded", _REJECTED_HEADS, rows)
    if counts.ignored:
        yield from _table("Not heeded", _IGNORED_HEADS, _rows(counts.ignored))
    yield "</section>"


def _summary(reading: Reading) -> str:
    """Returns in words what became of all that came in since the exporter started."""
    counts = reading.counts
    by_outcome: defaultdict[str, int] = defaultdict(int)
    for (_, outcome), count in counts.events.items():
        by_outcome[outcome] += count
    taken = sum(by_outcome[each] for each in by_outcome.keys() - _NOT_TAKEN)
    known = sum(by_outcome[each] for each in by_outcome.keys() & _NOTHING_NEW)
    rejected = sum(counts.rejected.values())
    return (
        f"Counted so far: {_count(taken)} events folded, of which {_count(known)} told nothing "
        f"new, and {_count(rejected)} records not folded."
    )


def _ahead(reading: Reading) -> dict[str, int]:
    """Returns by how much (ms) the latest event of a topic is ahead of now, where it is much."""
    latest = last_events_ms(reading.state.partitions)
    ahead = {topic: at_ms - reading.now_ms for topic, at_ms in latest.items()}
    return {topic: ahead_ms for topic, ahead_ms in ahead.items() if ahead_ms > AHEAD_MS}


def _orphans(reading: Reading) -> int:
    """Returns how many tickets are never created, as the KPI of that name has it."""
    results = reading.figures.results if reading.figures is not None else ()
    return round(sum(float(each.values[0]) for each in results if each.kpi.id == _ORPHANS))


def _examples(reading: Reading) -> dict[tuple[str, str], str]:
    """Returns where a record of each topic and reason lies, of any partition."""
    return {
        (topic, reason): example
        for partition in reading.state.partitions
        if partition.status is not None
        for topic, examples in partition.status.examples.items()
        for reason, example in examples.items()
    }


def _rows(
    counts: Mapping[tuple[str, str], int], examples: Mapping[tuple[str, str], str] | None = None
) -> Iterator[tuple[str, ...]]:
    """Yields the cells of each topic and reason, the most frequent first."""
    for key, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        topic, reason = key
        means, mend = remedy_of(reason)
        example = () if examples is None else (examples.get(key, "")[:EXAMPLE_CHARS_MAX],)
        yield f"{reason}: {means}", topic, _count(count), *example, mend


def _table(caption: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"<h3>{caption}</h3><table><caption>{caption}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for first, *others in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
    yield "</tbody></table>"


def _count(count: int) -> str:
    return number(count, 0)
