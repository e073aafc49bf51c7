"""Pages: a long list part by part, each entry once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from exporters.api.inquiry import AFTER
from exporters.api.parameter import Parameter, integer, text
from exporters.api.problem import wrong
from exporters.api.query import Query

V = TypeVar("V")

LIMIT_MAX: Final = 1_000
"""Entries of a page."""

LIMIT_USUAL: Final = 100

LIMIT: Final = Parameter(
    "limit",
    "How many entries a page has, at most.",
    integer(1, LIMIT_MAX, LIMIT_USUAL),
    50,
)

_AFTER: Final = Parameter(
    AFTER,
    "Where the page before ended: `next` of its answer, and its header `Link`, have it.",
    text(2_000),
    "mrr",
)

PAGING: Final = (LIMIT, _AFTER)
"""The parameters of what is paged."""


@dataclass(frozen=True, slots=True)
class Page(Generic[V]):
    """A part of a list.

    Attributes:
        items: The entries.
        end: The name of the last one if more follow; else None.
    """

    items: Sequence[V]
    end: str | None


def page_of(items: Sequence[V], names: Sequence[str], query: Query) -> Page[V]:
    """Returns the page that a query asks for.

    Args:
        items: All entries.
        names: The name of each, no two alike.
        query: Says how many, and after which.

    Raises:
        ProblemError: If there is no entry of the name that the page before ended with.
    """
    first, after = 0, query.text(AFTER)
    if after is not None:
        if after not in names:
            raise wrong(AFTER, f"nothing is named {after!r} by now: begin without `after`")
        first = names.index(after) + 1
    last = first + query.number(LIMIT.name)
    return Page(items[first:last], names[last - 1] if last < len(items) else None)
