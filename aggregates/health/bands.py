"""Health: the scores of paying accounts, by band, with what each component says.

Formulas: an account has a score at T if it pays at T and a component has data or an override is in
force; see ``aggregates.health`` for score and components. ``health_points`` = sum of the scores, in
hundredths of a point; ``health_accounts`` and ``health_mrr`` = scored accounts, and their MRR, by
band; ``health_component_points`` and ``health_component_accounts`` = points, and accounts with
data, by component. Units: hundredths of a point, accounts, micro-units of the reporting currency.
Undefined: never; a mean over no account has no value.
Sources: Gainsight, Vitally, Freshsuccess documentation; Sourcegraph's public sheet of signals.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from aggregates.contributions.steps import Joined, StepFunction, differences
from aggregates.health.commercial import commercial, has_long_terms
from aggregates.health.override import HEALTH_OVERRIDES, override
from aggregates.health.score import Band, Components, Health, health
from aggregates.health.sentiment import sentiment
from aggregates.health.support import SupportPoints, TicketSpans, ticket_spans
from aggregates.health.usage import UsagePoints
from aggregates.ledger.measure import Contribution, Contributions, Measure, Series, Unit
from aggregates.policies.health import HealthPolicy, HealthWeights
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.revenue.succession import succession_of
from aggregates.revenue.term import Term, terms_held
from aggregates.rows.family import Family, Scope
from aggregates.rows.kind import DerivedKind
from aggregates.rows.store import AccountRows
from aggregates.support.tickets import TICKETS, Ticket
from aggregates.surveys.responses import RESPONSES
from aggregates.usage.days import union_of
from aggregates.usage.seats import SEATS, seats_of
from aggregates.usage.users import USERS, User, active_parts, is_internal

ACCOUNT_HEALTH: Final = DerivedKind[AccountRows](
    "account_health",
    (SUBSCRIPTIONS, TICKETS, RESPONSES, SEATS, USERS, HEALTH_OVERRIDES),
    deferred=True,
)
"""Everything that says how an account fares."""

_BANDS: Final = tuple(Band)
_SERIES: Final[tuple[Series, ...]] = (
    ("health_points",),
    *(("health_accounts", str(band)) for band in _BANDS),
    *(("health_mrr", str(band)) for band in _BANDS),
    *(("health_component_points", name) for name in Components._fields),
    *(("health_component_accounts", name) for name in Components._fields),
)


class Scored(NamedTuple):
    """A scored account from a tile on; MRR in micro-units a month."""

    health: Health
    mrr: int
    components: Components


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Returns what one account contributes; made anew from where one of its tracks changed."""
    account = rows[0]
    subscriptions = account.of(SUBSCRIPTIONS).get("")
    if subscriptions is None:
        account.memo.last.clear()
        return iter(())
    if (made := account.memo.last.get(FAMILY.name)) is None:
        made = account.memo.last[FAMILY.name] = _Made(Joined(scored_by(scope)), [])
    scores, since = made.scores.follow(*tracks(account, subscriptions, scope))
    held = bisect_left(made.contributions, since, key=itemgetter(1))
    made.contributions[held:] = differences(_SERIES, scores.since(since).view(_amounts))
    return iter(made.contributions)


class _Made(NamedTuple):
    """The scores of an account, and what it contributes."""

    scores: Joined[Scored | None]
    contributions: list[Contribution]


def scored_by(scope: Scope) -> Callable[..., Scored | None]:
    """Returns what makes a score of MRR, the score that was set, and the points of components."""
    weights = weights_of(scope)

    def scored(mrr: int | None, set_score: float | None, *points: int | None) -> Scored | None:
        if mrr is None:
            return None
        components = Components(*points)
        found = health(components, set_score, weights, scope.policy)
        return None if found is None else Scored(found, mrr, components)

    return scored


def tracks(
    account: AccountRows, subscriptions: Subscriptions, scope: Scope
) -> Iterator[StepFunction[Any]]:
    """Yields MRR where an account pays, the score that was set, and the points of components."""
    calendar, policy = scope.calendar, scope.policy

    def paid() -> StepFunction[int | None]:
        revenue = subscriptions.steps(scope)
        return revenue.view(lambda state: state.levels.mrr if state.levels.paying else None)

    def commerce() -> StepFunction[int | None]:
        terms = list(_terms(subscriptions, scope)) if has_long_terms(subscriptions) else []
        return commercial(subscriptions.steps(scope), terms, calendar)

    def usage() -> StepFunction[int | None]:
        seats = account.once([SEATS], "seats", lambda: _seats(account))
        return usage_points(account, scope).steps(seats)

    yield account.once([SUBSCRIPTIONS], "paid", paid)
    yield account.once(
        [HEALTH_OVERRIDES], "override", lambda: override(account.of(HEALTH_OVERRIDES).get(""))
    )
    yield account.once([USERS, SEATS], "usage", usage)
    yield account.once([TICKETS], "support", lambda: support_points(account, scope).steps)
    yield account.once(
        [RESPONSES],
        "sentiment",
        lambda: sentiment(list(account.of(RESPONSES).values()), policy),
    )
    yield account.once([SUBSCRIPTIONS], "commercial", commerce)


def support_points(account: AccountRows, scope: Scope) -> SupportPoints:
    """Returns the points for support, which follow the tickets of an account."""

    def spans(tickets: Sequence[Ticket]) -> TicketSpans | None:
        course = tickets[0].course
        return None if course is None else ticket_spans(course, scope.calendar)

    return account.followed(TICKETS, "tickets", spans, lambda: SupportPoints(scope.policy))


def _amounts(scored: Scored | None) -> tuple[int, ...]:
    if scored is None:
        return (0,) * len(_SERIES)
    held = [int(band is scored.health.band) for band in _BANDS]
    return (
        scored.health.centi,
        *held,
        *[scored.mrr * is_held for is_held in held],
        *[points or 0 for points in scored.components],
        *[int(points is not None) for points in scored.components],
    )


def _terms(subscriptions: Subscriptions, scope: Scope) -> Iterator[Term]:
    holdings = subscriptions.holdings(scope)
    succession = succession_of(holdings.lives, scope.policy)
    yield from chain.from_iterable(terms_held(holdings, scope.policy, succession).values())


def weights_of(scope: Scope) -> HealthWeights:
    """Returns the weights of components that hold for an account."""
    segment = scope.account.segment[0] if scope.account.segment else ""
    return scope.policy.health_segment_weights.get(segment, scope.policy.health_weights)


def usage_points(account: AccountRows, scope: Scope) -> UsagePoints:
    """Returns the points for use; internal people are left out, merged users are one."""

    def days(people: Sequence[User]) -> "array[int] | None":
        if is_internal(people):
            return None
        return union_of(active_parts(people, scope.policy), scope.calendar)

    return account.followed(USERS, "days", days, lambda: UsagePoints(scope.calendar, scope.policy))


def _seats(account: AccountRows) -> StepFunction[int]:
    row = account.of(SEATS).get("")
    return StepFunction(0) if row is None else seats_of(row)


FAMILY = Family(
    name="health",
    reads=ACCOUNT_HEALTH,
    measures=(
        Measure.level("health_points", "Health scores, in hundredths of a point."),
        Measure.level("health_accounts", "Paying accounts with a health score.", labels=("band",)),
        Measure.level(
            "health_mrr", "MRR of accounts with a health score.", Unit.MONEY, labels=("band",)
        ),
        Measure.level(
            "health_component_points", "Points of scored accounts.", labels=("component",)
        ),
        Measure.level(
            "health_component_accounts", "Accounts with data on it.", labels=("component",)
        ),
    ),
    contributions=contributions,
    policies=tuple(HealthPolicy.model_fields),
)
