"""Laws of waits, first contacts and service levels over random histories of tickets."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from aggregates.contributions.occurrence import FOREVER
from aggregates.shard.plan import Plan
from aggregates.support.tickets import TICKETS, Ticket
from aggregates.time.tile import TILE_MS, tile_of
from tests.aggregates.folding import ACCOUNT, DAY, START_MS, Told, durations, fold, level
from tests.aggregates.support.support_settings import versions
from tests.aggregates.support.ticket_histories import EDGES, PLANS, histories
from tests.aggregates.support.ticket_story import PLAN, plan_of
from tests.examples import examples

EXAMPLES = examples(60)
MINUTE_MS = 60_000

SHARES = (
    ("tickets_solved_at_first_contact", "tickets_judged"),
    ("created_tickets_solved", "tickets_created"),
    ("sla_targets_met", "sla_targets_judged"),
)
"""Measures over 30 days of which the first counts a share of the second, by priority."""


def _tickets(facts: Sequence[Told]) -> list[Ticket]:
    return list(fold(PLAN, "ticket", facts).store.of(TICKETS.name, ACCOUNT).values())


_MINUTES = st.integers(0, 24 * 60) | st.sampled_from([0, 1, 60, 9 * 60, 16 * 60, 24 * 60])


def _is_now(status: str) -> tuple[str, dict[str, Any]]:
    return "ticket.status_changed", {"current": status}


def _writes(role: str) -> tuple[str, dict[str, Any]]:
    return "ticket.comment_added", {"author_role": role, "is_public": True}


_TALK = st.sampled_from(
    [_is_now("open"), _is_now("solved"), _writes("agent"), _writes("end_user"), _writes("end_user")]
)
_FACTS = _TALK | st.sampled_from([_is_now("pending"), _is_now("hold"), _is_now("solved")])
_SCHEDULES = st.sampled_from(["default", "nights"]).map(
    lambda schedule: ("ticket.schedule_changed", {"current": schedule})
)


@st.composite
def _lives(draw: st.DrawFn, facts: st.SearchStrategy[Any], least: int, most: int) -> list[Told]:
    """The life of one ticket in its order, from a Friday on before clocks change in Europe."""
    ms = START_MS + 25 * DAY * TILE_MS
    told = [Told(ms, 1, "e1", "ticket.created", {"ticket_id": "t1", "priority": "high"})]
    for number, (kind, data) in enumerate(draw(st.lists(facts, min_size=least, max_size=most)), 2):
        ms += draw(_MINUTES) * MINUTE_MS
        told.append(Told(ms, number, f"e{number}", kind, {"ticket_id": "t1", **data}))
    return told


_CREATED_PLANS = st.builds(
    lambda basis, days: plan_of(fcr_denominator="created", fcr_basis=basis, fcr_maturity_days=days),
    st.sampled_from(["one_reply", "one_touch", "no_follow_up", "uninterrupted"]),
    st.sampled_from([0, 1, 7, 20]),
)


@EXAMPLES
@given(_lives(_TALK, 8, 14))
def test_no_wait_runs_while_solved(facts: list[Told]) -> None:
    """A wait begins at a message of the customer or a reopening, and is over an unsolved time."""
    for row in _tickets(facts):
        course = row.course
        if course is None:
            continue
        begins = {fact.effective_ms for fact in row.facts if fact.data.get("by") == "end_user"}
        begins |= {course.created_ms, *course.reopenings}
        for reply in course.replies:
            assert reply.since_ms in begins
            for is_solved, begin_ms, end_ms in course.spans(lambda state: state.is_solved):
                waited = min(end_ms, reply.at_ms) - max(begin_ms, reply.since_ms)
                assert not (is_solved and waited > 0)


@EXAMPLES
@given(
    PLANS | _CREATED_PLANS,
    histories() | _lives(_FACTS, 2, 8),
    st.lists(EDGES, min_size=1, max_size=4),
)
def test_shares(plan: Plan, facts: list[Told], edges: list[int]) -> None:
    """Under any settings a share is at most 1, in all and for each priority."""
    shard = fold(plan, "ticket", facts)
    left = [tile_of(fact.ms) + 30 * DAY + 1 for fact in facts]
    for edge in (*edges, *left):
        for part, whole in SHARES:
            series = {series for series, _ in shard.ledger.prefixes(part)[0] if series[1] == "30d"}
            for name, *rest in series:
                assert level(shard, (name, *rest), edge) <= level(shard, (whole, *rest), edge)


@examples(30)
@given(
    _lives(_FACTS | _SCHEDULES, 2, 6),
    st.integers(0, 10**6),
    st.booleans(),
    st.integers(-1, 1),
    st.booleans(),
)
def test_met_if_and_only_if_the_time_is_within_the_limit(
    facts: list[Told], seed: int, is_business: bool, beside: int, is_response: bool
) -> None:
    """A target is met exactly if the time measured to what it waits for is at most its limit.

    The first response of a ticket that was solved without one is timed anew, when it may be missed.
    """
    rng = Random(seed)
    measure = "first_response" if is_response else "resolution"
    paused = rng.choice(((), ("pending", "hold")))
    settings: dict[str, Any] = {
        "schedules": {"default": versions(rng), "nights": versions(rng)},
        "sla_clock": "business" if is_business else "calendar",
        "sla_paused_in": paused,
        "resolution_time": "without_pending" if paused else "full",
        "resolution_basis": "first",
    }
    course = _tickets(facts)[0].course
    assert course is not None
    reply = course.reply
    ended = [reply.at_ms] if is_response and reply and reply.since_ms == course.created_ms else []
    ended += course.solutions[:1] if not is_response else []
    assume(ended and ended[0] < FOREVER)
    edge = tile_of(ended[0]) + 1
    clock = settings["sla_clock"]
    measured = durations(fold(plan_of(**settings), "ticket", facts), measure, "30d", edge, clock)
    assert sum(measured[0].values()) == 1
    minutes = max(measured[1] // MINUTE_MS + beside, 1)
    settings["sla_targets"] = {"high": {f"{measure}_minutes": minutes}}
    shard = fold(plan_of(**settings), "ticket", facts)
    met = level(shard, ("sla_targets_met", "30d", measure), edge)
    assert met == (measured[1] <= minutes * MINUTE_MS)
    assert level(shard, ("sla_targets_judged", "30d", measure), edge) == 1
