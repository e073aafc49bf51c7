"""Stories of accounts over all topics, for the health score."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from aggregates.health.bands import FAMILY
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import Decoder, topic_of
from tests.aggregates.folding import ACCOUNT, DAY, START, Told, readings, story

_DECODER = Decoder()

Step = tuple[float, str, dict[str, Any]]


class Health(NamedTuple):
    """What the family says of the one account of a story."""

    centi: int
    band: str
    mrr: int
    components: dict[str, int]


def plan(**policies: Any) -> Plan:
    """A plan with the health family alone."""
    return Plan(Policy.model_validate(policies), families=[FAMILY])


def pays(day: float, dollars: int = 100, **state: Any) -> Step:
    """A subscription of an account, or a new state of it."""
    item = {"item_id": "i", "amount": 100 * dollars, "currency": "USD", "interval": "month"}
    data = {"subscription_id": "sub", "status": "active", "items": [item], **state}
    return 24 * day, "subscription.updated", data


def uses(day: float, user: str) -> Step:
    """A use of a feature."""
    return 24 * day, "feature.used", {"user_id": user, "feature": "search"}


def seats(day: float, count: int) -> Step:
    """The number of seats."""
    return 24 * day, "seats.set", {"seats": count}


def opens(day: float, ticket: str) -> Step:
    """A new ticket."""
    data = {"ticket_id": ticket, "submitter_role": "end_user", "status": "new"}
    return 24 * day, "ticket.created", data


def solves(day: float, ticket: str) -> Step:
    """A solved ticket."""
    return 24 * day, "ticket.status_changed", {"ticket_id": ticket, "current": "solved"}


def escalates(day: float, ticket: str) -> Step:
    """An escalation."""
    return 24 * day, "ticket.escalated", {"ticket_id": ticket, "target": "tier2"}


def answers(
    day: float, response: str, score: float, kind: str = "nps", who: str | None = None
) -> Step:
    """An answer to a survey."""
    scale = {"scale_min": 0, "scale_max": 10} if kind == "nps" else {"scale_min": 1, "scale_max": 5}
    data = {"response_id": response, "survey_id": kind, "survey_type": kind, "score": score}
    data["respondent_id"] = who
    return 24 * day, "survey_response.created", {**data, **scale}


def is_of_staff(day: float, user: str, *, staff: bool = True) -> Step:
    """A user of whom it is told whether it is of the vendor's own staff."""
    return 24 * day, "user.added", {"user_id": user, "is_internal": staff}


def judged(day: float, score: float, until: str | None = None) -> Step:
    """An override."""
    data: dict[str, Any] = {"score": score, "reason": "known"}
    return 24 * day, "health.override_set", data if until is None else {**data, "until": until}


def told(*steps: Step) -> list[Told]:
    """Tells steps as facts of the account."""
    return story(list(steps))


def tell(shard: Shard, facts: Iterable[Told], deferred_max: int | None = None) -> None:
    """Folds facts one by one, each into its topic, and settles after each."""
    for fact in facts:
        record = fact.record()
        batch = _DECODER.decode([record])
        assert not batch.rejects, batch.rejects
        topic = topic_of(fact.type, {"retracts_type": "subscription.updated"})
        assert topic is not None
        assert not shard.fold(topic, batch)
        if not shard.settling.bulk:
            shard.settle(deferred_max)


def folded(*steps: Step, bulk: bool = False, **policies: Any) -> Shard:
    """Folds steps."""
    shard = Shard(plan(**policies), bulk=bulk)
    tell(shard, told(*steps))
    shard.settle()
    return shard


def health(shard: Shard, day: float) -> Health | None:
    """The account's health so many days after the start; checks that the measures agree."""
    found = readings(shard, START + round(day * DAY))
    bands = [series[1] for series in found if series[0] == "health_accounts"]
    if not bands:
        assert not [series for series in found if series[0].startswith("health")]
        return None
    [band] = bands
    assert found["health_accounts", band] == 1
    names = [series[1] for series in found if series[0] == "health_component_accounts"]
    points = {name: found.get(("health_component_points", name), 0) for name in names}
    mrr = found["health_mrr", band]
    return Health(found.get(("health_points",), 0), band, mrr, points)


__all__ = [
    "ACCOUNT",
    "Health",
    "answers",
    "escalates",
    "folded",
    "health",
    "judged",
    "opens",
    "pays",
    "plan",
    "seats",
    "solves",
    "tell",
    "told",
    "uses",
]
