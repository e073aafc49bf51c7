"""Findings: what a check says, equal ones counted once. Bounded, whatever is found."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from events.checking.kinds import KINDS, OF_FILES

VALUES_MAX: Final = 5
"""Values of one field that are told apart: a person sees by them what is wrong."""

FINDINGS_MAX: Final = 1_000
"""Findings that are told apart, values aside: more differ in what nobody reads."""

FOUND_CHARS_MAX: Final = 80
"""Characters of a value that are shown."""

OTHERS: Final = "other values"
"""Stands for the values of a field beyond those that are told apart."""


class Finding(msgspec.Struct, kw_only=True):
    """Something that is wrong or looks wrong, once for all that is alike.

    Attributes:
        kind: One of ``KINDS``.
        says: What it is, in words.
        place: Where it stands first.
        count: How often it is there.
        type: Type of the event.
        field: The field, such as `data.items[].amount`.
        found: The value as JSON, cut off if it is long.
        suggestion: What may be meant.
        id: Id of the event at that place.
    """

    kind: str
    says: str
    place: str
    count: int = 0
    type: str | None = None
    field: str | None = None
    found: str | None = None
    suggestion: str | None = None
    id: str | None = None

    @property
    def is_lost(self) -> bool:
        """Whether something that was sent is not taken."""
        return KINDS[self.kind].is_lost


_Key = tuple[str, str | None, str | None, str, str | None]


class Findings:
    """Findings by what they are about, in the order in which they were first found."""

    def __init__(self) -> None:
        """Begins with none."""
        self._found: dict[_Key, dict[str | None, Finding]] = {}
        self.counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Finding]:
        """Yields those that lost something first, those of a kind by how often they are there."""
        found = [each for alike in self._found.values() for each in alike.values()]
        order = {name: place for place, name in enumerate(KINDS)}
        return iter(sorted(found, key=lambda each: (order[each.kind], -each.count)))

    @property
    def lost(self) -> int:
        """How often something was not taken."""
        return sum(count for kind, count in self.counts.items() if KINDS[kind].is_lost)

    def add(self, finding: Finding, count: int = 1) -> None:
        """Takes a finding so many times; counts it with those that are alike."""
        self.counts[finding.kind] += count
        own = finding.place if finding.kind in OF_FILES else None
        key = finding.kind, finding.type, finding.field, finding.says, own
        if key not in self._found and len(self._found) >= FINDINGS_MAX:
            finding = Finding(
                kind=finding.kind, says=f"more of: {KINDS[finding.kind].means}", place=finding.place
            )
            key = finding.kind, None, None, finding.says, None
        alike = self._found.setdefault(key, {})
        if finding.found not in alike and len(alike) >= VALUES_MAX:
            finding.found, finding.suggestion = OTHERS, None
        alike.setdefault(finding.found, finding).count += count


ABSENT: Final = object()
"""Stands for a value that is not there."""


def value_at(record: Any, path: tuple[str | int, ...]) -> Any:
    """Returns what stands at a place of a parsed record, or ``ABSENT``."""
    for part in path:
        try:
            record = record[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return record


def shown(value: Any) -> str | None:
    """Returns a value as JSON, as far as a person reads it; None if it is not there."""
    if value is ABSENT:
        return None
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= FOUND_CHARS_MAX else f"{text[:FOUND_CHARS_MAX]}..."


def field_name(path: tuple[str | int, ...]) -> str:
    """Returns the name of a field wherever in its lists it stands.

    >>> field_name(("data", "items", 3, "amount"))
    'data.items[].amount'
    """
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
