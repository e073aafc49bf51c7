"""Accounts: what is known of one, and every headline as if there were no other."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from aggregates.catalogue.headline import Headline
from aggregates.explanation.account import AccountView
from aggregates.reading.reader import Reader
from aggregates.reading.sample import samples
from exporters.api.figure import HEADS, Figure, rows_of
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import Operation
from exporters.api.problem import ProblemError
from exporters.api.table import Table


class OwnFigure(Figure, omit_defaults=True, kw_only=True):
    """The headline of a KPI, of one account alone."""

    kpi: str
    unit: str


class Account(Struct):
    """An account."""

    account: str
    at: Annotated[str, Meta(description="The edge at which figures are read; it is exclusive.")]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    attributes: Annotated[dict[str, str], Meta(description="Those of the setting `segments`.")]
    internal: Annotated[bool, Meta(description="Whether it is the company's own: in no figure.")]
    merged_into: Annotated[str | None, Meta(description="Where its figures are, if elsewhere.")]
    related: Annotated[
        list[str],
        Meta(
            description="Accounts merged into it, that its tickets came from, "
            "or that had or have a subscription of it."
        ),
    ]
    headlines: Annotated[list[OwnFigure], Meta(description="Those that have a value.")]


def _answer(inquiry: Inquiry) -> Answered:
    assert inquiry.rows is not None, "an operation on rows is asked only where they are"
    view = inquiry.rows.account(inquiry.subject)
    if view is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"nothing is known of an account {inquiry.subject!r}"
        )
    policy, reading = inquiry.catalogue.policy, inquiry.reading
    headlines = list(_headlines(view, inquiry))
    document = Account(
        account=view.account,
        at=instant(reading.edge),
        currency=reading.currency,
        attributes=dict(zip(policy.segments, view.segment, strict=True)),
        internal=view.internal,
        merged_into=view.target,
        related=list(view.related),
        headlines=headlines,
    )
    rows = zip((figure.kpi for figure in headlines), rows_of(headlines), strict=True)
    table = Table(("at", "kpi", *HEADS), [(document.at, kpi, *cells) for kpi, cells in rows])
    return Answered(document, table)


def _headlines(view: AccountView, inquiry: Inquiry) -> Iterator[OwnFigure]:
    """Yields the headline of each KPI that has one, as the account alone makes it."""
    catalogue, edges = inquiry.catalogue, [inquiry.reading.edge]
    headlines = {kpi.id: headline for kpi in catalogue if (headline := Headline.of(kpi))}
    kpis = [headline.of_only(catalogue[name]) for name, headline in headlines.items()]
    reader, currency = Reader(view.ledger, inquiry.calendar), inquiry.reading.currency
    for result in reader.evaluate(catalogue, edges, currency=currency, kpis=kpis):
        if headlines[result.kpi.id].has(result.labels):
            for sample in samples(result, edges):
                figure = Figure.of(sample)
                yield OwnFigure(
                    kpi=result.kpi.id,
                    unit=str(result.kpi.unit),
                    labels=figure.labels,
                    value=figure.value,
                    numerator=figure.numerator,
                    denominator=figure.denominator,
                )


OPERATIONS: Final = (
    Operation(
        "get_account",
        "/accounts/{account}",
        "An account: what is known of it, and its figures",
        "Each KPI's headline, as if there were no other account. Where rows of accounts are at "
        "hand, and unless `account_pages` is off.",
        Account,
        _answer,
        of_rows=True,
        is_tagged=False,  # it may be merged without a change of any figure
    ),
)
