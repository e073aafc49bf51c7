"""Checks of what an exporter has counted of the records that came in."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from events.checking.remedies import remedy_of
from events.codec import UNKNOWN_TYPE
from streams.doctor import Finding, listed, ok, warn
from streams.doctor.records import MANY

_COUNTED: Final = re.compile(
    r"^tidemark_(events|rejected_records|ignored)_total\{([^}]*)\} (\S+)", re.MULTILINE
)
_BY: Final = re.compile(r'\b(?:outcome|reason)="([^"]*)"')


def check_quality(metrics: str) -> Iterator[Finding]:
    """Tells of records that were not folded, and of many that were not heeded, by reason.

    Args:
        metrics: What an exporter says of itself.
    """
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("events", "rejected_records", "ignored")
    }
    for name, labels, value in _COUNTED.findall(metrics):
        if by := _BY.search(labels):
            counts[name][by[1]] += int(float(value))
    seen, rejected = counts["events"].total(), counts["rejected_records"]
    if rejected:
        what = f"{rejected.total()} of {seen} were not folded: {_told(rejected)}"
        yield warn("records refused", what, _mend(rejected))
    else:
        yield ok("records refused", f"none of {seen}")
    if counts["ignored"][UNKNOWN_TYPE] > MANY * seen:
        what = f"{counts['ignored'][UNKNOWN_TYPE]} of {seen} are of types that are not known"
        yield warn("records ignored", what, remedy_of(UNKNOWN_TYPE).mend)


def _told(counts: Counter[str]) -> str:
    return listed([f"{reason} {count}" for reason, count in counts.most_common()])


def _mend(counts: Counter[str]) -> str:
    """Says what to do about the most frequent reason."""
    [(reason, _)] = counts.most_common(1)
    return f"{reason}: {remedy_of(reason).mend}; the index page has the others"
