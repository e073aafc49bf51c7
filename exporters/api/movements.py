"""Movements: why a figure changed between two times, by the names that its KPI has for that."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from aggregates.explanation.explanation import Explanation
from aggregates.explanation.told import Number, Told
from exporters.api.contributors import About, about, times
from exporters.api.inquiry import Answered, Inquiry
from exporters.api.operation import SEGMENT, WINDOW, Operation, time_of
from exporters.api.page import PAGING, page_of
from exporters.api.parameter import Parameter, one_of
from exporters.api.problem import ProblemError
from exporters.api.table import Table

BY: Final = Parameter(
    "by",
    "What is told apart: movements alone, or the movements of each account.",
    one_of("movement", "account"),
    "account",
)


class Movement(Struct, omit_defaults=True):
    """A movement."""

    movement: Annotated[str, Meta(description="Its name; `unnamed` is what the others leave.")]
    value: Annotated[Number, Meta(description="Exact, in major units; it may be below 0.")]
    account: Annotated[str | UnsetType, Meta(description="Whose it is, where told by account.")] = (
        UNSET
    )


class MovementList(About, kw_only=True):
    """The movements of a change, which add up to it exactly."""

    movements: list[Movement]
    next: Annotated[str | None, Meta(description="Where the page that follows is.")]


def _answer(inquiry: Inquiry) -> Answered:
    kpi = inquiry.kpi
    if not kpi.movements:
        known = ", ".join(each.id for each in inquiry.catalogue if each.movements) or "none"
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"{kpi.id} names no movements, only {known}; /api/v1/kpis/{kpi.id}/contributors tells "
            "which accounts moved it",
        )
    at, since = times(inquiry)
    explanation = inquiry.explanation(at, since)
    by_account = inquiry.query.text("by") == "account"
    lines = _by_account(explanation) if by_account else _together(explanation)
    names = [f"{line.get('account', '')}:{line['movement']}" for line in lines]
    page = page_of(lines, names, inquiry.query)
    link = inquiry.following(page.end, {"at": at, "since": since})
    document = MovementList(
        **about(explanation, inquiry.reading.currency),
        movements=[Movement(**line) for line in page.items],
        next=link,
    )
    heads = ("account", "movement", "value") if by_account else ("movement", "value")
    return Answered(document, Table(heads, [[line[h] for h in heads] for line in page.items]), link)


def _together(explanation: Explanation) -> list[dict[str, Any]]:
    """Returns every movement of all accounts, those of nothing too."""
    told = Told(explanation)
    moved = explanation.movements.items()
    return [{"movement": name, "value": told.exact(amount)} for name, amount in moved]


def _by_account(explanation: Explanation) -> list[dict[str, Any]]:
    told = Told(explanation)
    return [line for part in explanation.parts for line in told.movements(part)]


OPERATIONS: Final = (
    Operation(
        "get_movements",
        "/kpis/{kpi}/movements",
        "Why a figure changed: its movements between two times",
        "Movements add up to the change, exactly. KPIs that name movements have them, as MRR and "
        "ARR do. Where rows of accounts are at hand, and unless `account_pages` is off.",
        MovementList,
        _answer,
        (
            time_of("since", "The time from which on it changed.", required=True),
            time_of("at", "The time until which it changed; now by default.", "now"),
            BY,
            WINDOW,
            SEGMENT,
            *PAGING,
        ),
        labels=True,
        of_rows=True,
        is_tagged=False,  # what one has may be another's without a change of any figure
    ),
)
