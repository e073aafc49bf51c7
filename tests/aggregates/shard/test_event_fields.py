"""What producers are told of fields is true: one that no figure uses changes no row, others do."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import pytest

from aggregates.policies.policy import Policy, Rate
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import EVENT_RETRACTED, EVENT_TYPES, Decoder, EventType, topic_of
from events.docstrings import docstrings_of
from events.envelope import DataModel
from events.subscription import Discount, SubscriptionItem
from tests.events.examples import COMMON, FULL, encode, record_of

UNUSED: Final = "no figure uses it"
PLAN: Final = Plan(
    policy=Policy(
        exchange_rates={"EUR": [Rate(rate=Fraction(11, 10))]},
        session_days="touched",
    )
)
"""Settings under which every field that any setting reads is read."""

NAMES: Final = sorted(EVENT_TYPES.keys() - {EVENT_RETRACTED})
PARTS: Final[dict[str, type[DataModel]]] = {"items": SubscriptionItem, "discounts": Discount}
"""Models of the entries of lists."""

OTHER: Final[dict[str, tuple[Any, ...]]] = {
    "amount": (5_000,),
    "author_role": ("end_user",),
    "by": ("internal",),
    "category": ("acquisition", "other"),
    "channel": ("voice",),
    "currency": ("EUR", "USD"),
    "current": ("hold",),
    "duration": ("once", "forever"),
    "interval": ("year",),
    "percent_off": (10,),
    "previous": ("pending",),
    "scale_max": (7,),
    "scale_min": (0,),
    "score": (3,),
    "status": ("past_due", "open"),
    "submitter_role": ("end_user",),
    "survey_type": ("ces",),
    "target": ("manager",),
    "usage_type": ("metered",),
}
"""Other values that a field may have, where those of its kind are not enough."""

CONTEXTS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    f"subscription.{happened}": (
        {},
        {"status": "trialing"},
        {"status": "trialing", "trial_reason": None},
    )
    for happened in ("created", "updated", "resumed", "renewed")
}
"""What else the data says, where that decides whether a field is read."""


OUT_OF_PLACE: Final = {"subscription.paused": {"trial_start", "trial_end", "trial_reason"}}
"""Fields of a full state that are read with another status than the type always has."""


def rows_of(name: str, data: dict[str, Any]) -> dict[bytes, bytes] | None:
    """Returns the packed rows after one event, or None if it is none or cannot be folded."""
    record = record_of(name, COMMON | {k: v for k, v in data.items() if v is not None})
    batch = Decoder().decode([encode(record)])
    topic = topic_of(name)
    assert topic is not None
    shard = Shard(PLAN)
    if batch.rejects or shard.fold(topic, batch):
        return None
    return dict(shard.store.packed(topic, shard.store.take_dirty(topic)))


def others(name: str, value: object) -> Iterator[object]:
    """Yields other values that a field may have: none, and of the same kind."""
    yield None
    yield from OTHER.get(name, ())
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + 1
        case str() if value.endswith("Z"):
            yield "2026-02-11T00:00:00Z"
            yield "2026-05-11T00:00:00Z"
        case str():
            yield f"{value}x"
        case list():
            yield []


def changes(data: dict[str, Any], field: str, part: str | None) -> Iterator[dict[str, Any]]:
    """Yields data in which only a field is another, of the whole or of one entry of a list."""
    if part is None:
        yield from (data | {field: other} for other in others(field, data.get(field)))
        return
    for place, entry in enumerate(data[part]):
        for other in others(field, entry.get(field)):
            told = {k: v for k, v in (entry | {field: other}).items() if v is not None}
            yield data | {part: [*data[part][:place], told, *data[part][place + 1 :]]}


def is_used(name: str, data: dict[str, Any], field: str, part: str | None = None) -> bool:
    """Returns whether some other value of a field makes other rows."""
    for context in CONTEXTS.get(name, ({},)):
        told = data | context
        before = rows_of(name, told)
        assert before is not None, (name, told)
        for changed in changes(told, field, part):
            after = rows_of(name, changed)
            if after is not None and after != before:
                return True
    return False


def fields_of(kind: EventType) -> Iterator[tuple[str, str | None, str]]:
    """Yields the fields of a type with the list that they are part of and what they mean."""
    told = docstrings_of(kind.model)
    for field in kind.model.model_fields:
        if field in COMMON:
            continue
        yield field, None, told.get(field, "")
        if field in PARTS:
            inner = docstrings_of(PARTS[field])
            yield from ((name, field, inner.get(name, "")) for name in PARTS[field].model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_what_no_figure_uses(name: str) -> None:
    """A field is said to be in no figure if and only if rows keep nothing of it."""
    kind = EVENT_TYPES[name]
    data = FULL[name]
    type_is_unused = UNUSED in " ".join((kind.model.__doc__ or "").split())
    assert type_is_unused == (not rows_of(name, data))
    if type_is_unused:
        return
    for field, part, meaning in fields_of(kind):
        said = UNUSED in " ".join(meaning.split()) or field in OUT_OF_PLACE.get(name, ())
        assert said != is_used(name, data, field, part), (field, meaning)
