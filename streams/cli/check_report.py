"""What ``tidemark check`` says: a document for machines, and the same as lines for people."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from aggregates.reading.sample import Sample
from events import format_instant
from events.checking import Checker, Finding, Profile

Document = Mapping[str, Any]

_TYPES_SHOWN: Final = 30
"""Types that are listed: half of those there are."""


def check_document(
    checker: Checker, duplicates: int, mrr: Sequence[Sample], currency: str
) -> Document:
    """Returns what a check found, as JSON has it.

    Args:
        checker: After its end.
        duplicates: Events that say nothing new.
        mrr: The preview of MRR.
        currency: The reporting currency.
    """
    profile = checker.profile
    return {
        "ok": is_whole(checker),
        "records": profile.records,
        "taken": profile.taken,
        "duplicates": duplicates,
        "tests": profile.tests,
        "accounts": len(profile.accounts),
        "first": _instant(profile.first_ms),
        "last": _instant(profile.last_ms),
        "types": dict(profile.types.most_common()),
        "currencies": dict(profile.currencies.most_common()),
        "currency": currency,
        "mrr": [{"at": each.record()["at"], "value": each.value} for each in mrr],
        "findings": [
            {**msgspec.to_builtins(each), "lost": each.is_lost} for each in checker.findings
        ],
    }


def is_whole(checker: Checker) -> bool:
    """Returns whether there was something, and all of it was taken."""
    return checker.profile.taken > 0 and not checker.findings.lost


def check_lines(document: Document, checker: Checker) -> Iterator[str]:
    """Yields the lines of a document: what there is, then what is wrong with it."""
    yield from _profile_lines(document, checker.profile)
    findings = list(checker.findings)
    for title, is_lost in (("not taken:", True), ("taken, but it looks wrong:", False)):
        chosen = [each for each in findings if each.is_lost is is_lost]
        if chosen:
            yield title
            yield from (f"  {finding_line(each)}" for each in chosen)
    yield "all is taken" if document["ok"] else _summary(checker)


def _profile_lines(document: Document, profile: Profile) -> Iterator[str]:
    yield (
        f"{profile.records} records: {profile.taken} events taken, "
        f"{document['duplicates']} of them duplicates; {profile.tests} tests"
    )
    if profile.first_ms is not None:
        yield f"{document['first']} to {document['last']}, {document['accounts']} accounts"
    if profile.types:
        yield f"types: {_counted(profile.types)}"
    if profile.currencies:
        yield f"currencies: {_counted(profile.currencies)}"
    if document["mrr"]:
        values = [f"{each['at'][:10]} {each['value']:,.2f}" for each in document["mrr"]]
        yield f"MRR in {document['currency']}: {', '.join(values)}"


def _counted(counts: Counter[str]) -> str:
    said = ", ".join(f"{name} {count}" for name, count in counts.most_common(_TYPES_SHOWN))
    more = len(counts) - _TYPES_SHOWN
    return f"{said}, and {more} more" if more > 0 else said


def _summary(checker: Checker) -> str:
    lost = checker.findings.lost
    if not checker.profile.taken:
        return "nothing is taken"
    return f"not all is taken: {lost} times something is left out"


def finding_line(finding: Finding) -> str:
    """Returns a finding as a line: where, what, the value, and what may be meant."""
    about = " ".join(each for each in (finding.type, finding.id) if each)
    value = " ".join(each for each in (finding.field, finding.found) if each)
    said = ": ".join(each for each in (about, value, finding.says) if each)
    hint = f"; {finding.suggestion}" if finding.suggestion else ""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    return f"{finding.place}: {finding.kind}: {said}{hint}{times}"


def _instant(instant_ms: int | None) -> str | None:
    return None if instant_ms is None else format_instant(instant_ms)
