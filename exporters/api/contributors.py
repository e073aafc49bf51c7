"""Contributors: what each account has in a figure, or in its change."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from aggregates.explanation.explanation import Explanation
from aggregates.explanation.told import Number, Told
from exporters.api.figure import VALUE
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import SEGMENT, WINDOW, Operation, time_of
from exporters.api.page import PAGING, page_of
from exporters.api.table import Cell, Table

_EXACT: Final = "Exact; it adds up over accounts."

Exact = Annotated[Number | UnsetType, Meta(description=_EXACT)]
"""An amount in major units, as many digits as it has; left out where there is none such."""

Terms = Annotated[dict[str, Number] | UnsetType, Meta(description=_EXACT)]
"""Amounts by the parts of a formula that add up."""


class Share(Struct, omit_defaults=True, kw_only=True):
    """What is had of a figure, or of its change."""

    value: Annotated[
        Number | None,
        Meta(
            description="What it has of the figure, or of the change; of a quotient, by how much "
            "it moved it; null where no account has any such part, as of a median."
        ),
    ]
    value_at: Exact = UNSET
    value_since: Exact = UNSET
    numerator: Exact = UNSET
    numerator_since: Exact = UNSET
    denominator: Exact = UNSET
    denominator_since: Exact = UNSET
    terms: Terms = UNSET
    terms_since: Terms = UNSET


class Contributor(Share, omit_defaults=True, kw_only=True):
    """What an account has."""

    account: str


class About(Struct, kw_only=True):
    """Which figure it is about."""

    kpi: str
    unit: Annotated[str, VALUE]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    window: str | None
    labels: dict[str, str]
    segment: Annotated[dict[str, str], Meta(description="The only accounts that are counted.")]
    at: Annotated[str, Meta(description="The edge at which it is read; it is exclusive.")]
    since: Annotated[str | None, Meta(description="The edge from which on it changed.")]
    value: Annotated[float | None, VALUE]
    value_since: float | None
    total: Annotated[Share, Meta(description="What all accounts have together, exactly.")]


class ContributorList(About, kw_only=True):
    """What accounts have in a figure."""

    accounts: Annotated[int, Meta(description="How many accounts there are on all pages.")]
    contributors: Annotated[list[Contributor], Meta(description="The largest first.")]
    next: Annotated[str | None, Meta(description="Where the page that follows is.")]


def about(explanation: Explanation, currency: str) -> dict[str, Any]:
    """Returns the fields of ``About``."""
    question = explanation.question
    since = question.since
    before, now = explanation.figures[0], explanation.figures[-1]
    return {
        "kpi": question.kpi.id,
        "unit": str(question.kpi.unit),
        "currency": currency,
        "window": question.window,
        "labels": dict(question.labels),
        "segment": dict(question.segment),
        "at": instant(question.at),
        "since": None if since is None else instant(since),
        "value": _finite(now),
        "value_since": None if since is None else _finite(before),
        "total": Share(**Told(explanation).whole()),
    }


def times(inquiry: Inquiry) -> tuple[int, int | None]:
    """Returns the edges that are asked about: at, and since."""
    since = inquiry.edge("since") if inquiry.query.text("since") else None
    return inquiry.edge("at"), since


def _answer(inquiry: Inquiry) -> Answered:
    at, since = times(inquiry)
    explanation = inquiry.explanation(at, since)
    told, names = Told(explanation), [part.account for part in explanation.parts]
    page = page_of(explanation.parts, names, inquiry.query)
    link = inquiry.following(page.end, {"at": at, "since": since})
    lines = [told.account(part) for part in page.items]
    document = ContributorList(
        **about(explanation, inquiry.reading.currency),
        accounts=len(names),
        contributors=[Contributor(**line) for line in lines],
        next=link,
    )
    heads = ("account", *(name for name, _ in _flat(told.whole())))
    rows = [[cell for _, cell in _flat(line)] for line in lines]
    return Answered(document, Table(heads, rows), link)


def _flat(line: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    """Yields the cells of a line: a column for each term."""
    for name, value in line.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}: {term}", amount) for term, amount in value.items())
        else:
            yield name, value


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


OPERATIONS: Final = (
    Operation(
        "get_contributors",
        "/kpis/{kpi}/contributors",
        "What each account has in a figure, or in its change",
        "The same as `tidemark explain --format json`: values are exact and add up to the figure, "
        "or with `since` to its change; of a quotient `numerator` and `denominator` add up. Only "
        "where rows of accounts are at hand, and unless `account_pages` is off.",
        ContributorList,
        _answer,
        (
            time_of("at", "The time of the figure; now by default."),
            time_of("since", "Explain the change from this time on."),
            WINDOW,
            SEGMENT,
            *PAGING,
        ),
        labels=True,
        of_rows=True,
        is_tagged=False,  # what one has may be another's without a change of any figure
    ),
)
