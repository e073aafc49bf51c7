"""The doctor: looks at an installation, says what is wrong with it and how to mend it.

What is asked over the network is gathered as facts, within a bounded time; the checks are functions
of facts. Nothing is written anywhere, and no secret is shown.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARN = "warn"
    """Works, but not as it should, or not yet."""
    FAIL = "fail"
    """Does not work, or will lose or hide figures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says.

    Attributes:
        name: Of the check.
        verdict: How serious it is.
        what: What was seen.
        mend: What to do, with the command if there is one; empty if nothing is wrong.
    """

    name: str
    verdict: Verdict
    what: str
    mend: str = ""


def ok(name: str, what: str) -> Finding:
    """All is well."""
    return Finding(name, Verdict.OK, what)


def warn(name: str, what: str, mend: str) -> Finding:
    """Something to look after."""
    return Finding(name, Verdict.WARN, what, mend)


def fail(name: str, what: str, mend: str) -> Finding:
    """Something to mend."""
    return Finding(name, Verdict.FAIL, what, mend)


def listed(names: list[str], most: int = 8) -> str:
    """Names some of many.

    >>> listed(["a", "b"]), listed(["a", "b", "c"], most=2)
    ('a, b', 'a, b and 1 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
