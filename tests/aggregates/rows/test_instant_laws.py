"""Laws of facts that take effect at one instant: what is told decides, never the ids of events."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.rows.history import Fact, History, in_order, rank_of
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import EVENT_TYPES, Batch, Decoder, topic_of
from tests.events.examples import COMMON, FULL
from tests.examples import examples

PLAN = Plan()
AT = ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T10:00:01Z")
OTHERS: Mapping[str, tuple[Any, ...]] = {
    "subscription": ({"status": "past_due"}, {"cancel_at": "2026-05-01T00:00:00Z"}, {"items": []}),
    "survey_response": ({"score": 3}, {"score": 4}),
    "ticket": ({"current": "pending"}, {"priority": "low"}, {"author_role": "end_user"}),
    "task": ({"owner_id": "csm_2"}, {"due_at": "2026-03-09T00:00:00Z"}),
    "account": ({"segment": "enterprise"}, {"is_internal": True}),
    "user": ({"is_internal": True},),
}
"""What else an event of a family may tell."""
NAMES = sorted(name for name in EVENT_TYPES if name.split(".")[0] in OTHERS)


@st.composite
def tellings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Returns events of one family at one or two instants."""
    family = draw(st.sampled_from(sorted(OTHERS)))
    names = [name for name in NAMES if name.split(".")[0] == family]
    told = []
    for _ in range(draw(st.integers(2, 5))):
        name = draw(st.sampled_from(names))
        fields = EVENT_TYPES[name].model.model_fields
        other = draw(st.sampled_from([{}, *OTHERS[family]]))
        more = {field: value for field, value in other.items() if field in fields}
        data = {**FULL[name], **more}
        kept = {field: value for field, value in data.items() if field not in COMMON}
        told.append(
            {
                "specversion": "1.0",
                "source": "s",
                "type": name,
                "time": draw(st.sampled_from(AT)),
                "data": {**kept, "account_id": "a1"},
            }
        )
    return told


def ledger_of(told: list[dict[str, Any]], ids: list[str]) -> Ledger:
    """Returns the ledger of events under some ids."""
    shard = Shard(PLAN)
    lines = [
        json.dumps({**event, "id": own}).encode() for event, own in zip(told, ids, strict=True)
    ]
    batch = Decoder().decode(lines)
    assert not batch.rejects
    for event in batch.events:
        topic = topic_of(event.type)
        assert topic is not None
        assert not shard.fold(topic, Batch(events=[event]))
    shard.settle()
    return shard.ledger


@given(tellings(), st.randoms(use_true_random=False))
@examples(100)
def test_ids_decide_nothing(told: list[dict[str, Any]], random: Random) -> None:
    """Renaming the ids of events changes no figure."""
    ids = [f"e{number}" for number in range(len(told))]
    renamed = random.sample(ids, len(ids))
    assert ledger_of(told, ids) == ledger_of(told, renamed)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("subscription.created", "subscription.updated"),
        ("subscription.renewed", "subscription.updated"),
        ("subscription.updated", "subscription.cancellation_requested"),
        ("subscription.cancellation_requested", "subscription.deleted"),
        ("survey_response.updated", "survey_response.deleted"),
        ("ticket.created", "ticket.comment_added"),
        ("ticket.comment_added", "ticket.status_changed"),
        ("ticket.status_changed", "ticket.deleted"),
        ("user.added", "user.merged"),
        ("user.merged", "user.removed"),
        ("account.updated", "account.merged"),
        ("task.reopened", "task.completed"),
        ("onboarding.started", "onboarding.completed"),
    ],
)
def test_what_begins_is_before_what_ends(first: str, then: str) -> None:
    """Of one instant a beginning is first and an end is last, in whatever order they came."""
    assert rank_of(first) < rank_of(then)
    facts = [
        Fact(5, "", 5, event_id, "s", name, {}) for event_id, name in (("z", first), ("a", then))
    ]
    for order in (facts, facts[::-1]):
        history = History()
        for fact in order:
            history.insert(fact)
        assert history.facts == in_order(list(order)) == facts


def test_a_sequence_decides_before_the_type() -> None:
    """A producer's own order is kept."""
    facts = [
        Fact(5, "1", 5, "z", "s", "user.removed", {}),
        Fact(5, "2", 5, "a", "s", "user.added", {}),
    ]
    history = History()
    for fact in facts[::-1]:
        history.insert(fact)
    assert history.facts == facts
