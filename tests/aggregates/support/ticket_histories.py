"""Random histories of tickets, plans to fold them under, and edges to read them at."""

from functools import cache

from hypothesis import strategies as st

from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import DAY, START, START_MS, Told, told_apart
from tests.aggregates.support.support_settings import TURN, settings_of
from tests.aggregates.support.ticket_story import PLAN, SCHEDULES, plan_of

BUSINESS_PLAN = plan_of(
    schedules=SCHEDULES,
    sla_clock="business",
    fcr_basis="uninterrupted",
    fcr_denominator="created",
    handled_basis="touched",
    unmarked_problems_are_major=False,
)
"""Business hours, and other settings than the default ones."""


@cache
def _any_plan(seed: int) -> Plan:
    return plan_of(**settings_of(seed))


PLANS = st.sampled_from([PLAN, BUSINESS_PLAN]) | st.integers(0, TURN - 1).map(_any_plan)
"""The default, and settings among which every value of every policy is."""


_STATUSES = st.sampled_from(["new", "open", "pending", "hold", "solved", "solved", "closed"])
_ROLES = st.sampled_from(["agent", "agent", "bot", "system", "end_user"])
_PRIORITIES = st.sampled_from(["urgent", "high", "low", "odd", None])
_SCHEDULES = st.sampled_from(["default", "nights", "unknown", None])
_AGENTS = st.sampled_from(["ann", "bob", None])
_PROBLEMS = st.sampled_from(["p1", "p2", None])
_MAYBE = st.sampled_from([True, False, None])
WHO = ("customer", "internal")
_BLOCKERS = st.sampled_from(WHO)
_NAMES = st.sampled_from(["b1", "b2", None])
_DATA: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "ticket.created": {
        "status": _STATUSES,
        "submitter_role": _ROLES,
        "channel": st.sampled_from(["email", "voice"]),
        "priority": _PRIORITIES,
        "schedule_id": _SCHEDULES,
        "assignee_id": _AGENTS,
        "problem_id": _PROBLEMS,
        "problem_is_major": _MAYBE,
        "auto_created": st.booleans(),
    },
    "ticket.status_changed": {"current": _STATUSES},
    "ticket.comment_added": {
        "author_role": _ROLES,
        "is_public": st.booleans(),
        "session_id": st.sampled_from([None, None, "s1"]),
    },
    "ticket.merged": {"into_ticket_id": st.sampled_from(["t9", "t0", "t1", "t2"])},
    "ticket.priority_changed": {"current": _PRIORITIES},
    "ticket.schedule_changed": {"current": _SCHEDULES},
    "ticket.agent_assignment_changed": {"current": _AGENTS},
    "ticket.problem_link_changed": {"current": _PROBLEMS, "problem_is_major": _MAYBE},
    "ticket.escalated": {"target": st.sampled_from(["customer_success", "tier2"])},
    "ticket.blocked": {"by": _BLOCKERS, "blocker_id": _NAMES},
    "ticket.unblocked": {"by": st.none() | _BLOCKERS, "blocker_id": _NAMES},
    "ticket.work_logged": {"seconds": st.sampled_from([0, 1, 90.5, 3600])},
    "ticket.major_declared": {},
    "ticket.major_resolved": {},
    "ticket.deleted": {},
    "ticket.marked_as_spam": {},
    "ticket.undeleted": {},
}
_WEIGHTS = {"ticket.status_changed": 4, "ticket.comment_added": 3, "ticket.undeleted": 2}
KINDS = st.sampled_from([kind for kind in _DATA for _ in range(_WEIGHTS.get(kind, 1))])
_DAYS = st.sampled_from([0, 0, 1, 2, 6, 7, 29, 30, 31, 36])
INSTANTS = st.builds(
    lambda days, tile, ms: START_MS + (days * DAY + tile) * TILE_MS + ms,
    _DAYS,
    st.one_of(st.integers(0, 3), st.integers(0, DAY - 1)),
    st.sampled_from([0, 1, TILE_MS - 1]),
)
EDGES = st.builds(
    lambda days, tile: START + days * DAY + tile,
    st.one_of(_DAYS, st.integers(0, 70)),
    st.one_of(st.integers(0, 4), st.integers(0, DAY)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Facts of a few tickets, most of which are created early."""
    facts: list[Told] = []
    for ticket in range(draw(st.integers(1, 3))):
        data = {"ticket_id": f"t{ticket}"}
        kinds = draw(st.lists(KINDS, max_size=9))
        if draw(st.integers(0, 4)):
            kinds = ["ticket.created", *kinds]
        for kind in kinds:
            fields = {name: draw(values) for name, values in _DATA[kind].items()}
            ms, sequence = draw(INSTANTS), draw(st.integers(0, 3))
            number = draw(st.integers(0, 9))
            event_id = f"{number}_{len(facts)}"
            facts.append(Told(ms, sequence, event_id, kind, {**data, **fields}))
    return told_apart(facts)
