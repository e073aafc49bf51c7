"""A view of the index page: over which window, and of whose accounts, figures are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aggregates.ledger.measure import Segment
from aggregates.time.window import is_window

CHARS_MAX: Final = 200
"""Of what is searched for."""


@dataclass(frozen=True, slots=True)
class View:
    """What is chosen for all KPIs together.

    Attributes:
        window: A window; empty for the one that is each KPI's own.
        segment: The name of a segment; empty for all accounts.
    """

    window: str = ""
    segment: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "View":
        """Returns the view that a query asks for; what makes no sense is left out."""
        window = query.get("window", "")
        return cls(window if is_window(window) else "", query.get("segment", ""))

    @property
    def query(self) -> dict[str, str]:
        """The query that asks for this view."""
        chosen = {"window": self.window, "segment": self.segment}
        return {name: value for name, value in chosen.items() if value}

    @property
    def address(self) -> str:
        """The query as it stands in an address, with the question mark; empty for the usual."""
        return f"?{urlencode(self.query)}" if self.query else ""


def segment_name(segment: Segment) -> str:
    """Returns a segment as one text, no two alike: a value with a comma in it is quoted.

    >>> segment_name(("enterprise", "eu"))
    'enterprise, eu'
    >>> segment_name(("a, b", "c")), segment_name(("a", "b, c"))
    ('"a, b", c', 'a, "b, c"')
    """
    return ", ".join(map(_quoted, segment))


def _quoted(value: str) -> str:
    if "," not in value and '"' not in value:
        return value
    return '"' + value.replace('"', '""') + '"'


def is_found(text: str, asked: str) -> bool:
    """Returns whether a text has all words that are searched for, or parts of them.

    >>> is_found("gross mrr churn", "Churn gro"), is_found("mrr", "mrr churn")
    (True, False)
    """
    return all(word in text for word in asked.casefold().split())
