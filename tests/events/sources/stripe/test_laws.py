"""What holds for any bytes and any events."""

import json
from typing import Any, Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from events import Decoder
from events.sources.told import Told
from tests.events.sources.stripe.made import (
    FEB_5,
    JAN_5,
    content,
    coupon,
    customer,
    discount,
    event,
    invoice,
    invoice_payment,
    item,
    price,
    refund,
    subscription,
)
from tests.events.sources.stripe.taken import imported
from tests.examples import examples

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)
TYPES: Final = st.sampled_from(
    [
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.created",
        "customer.discount.created",
        "invoice.paid",
        "invoice_payment.paid",
        "refund.updated",
        "charge.refunded",
        "coupon.created",
    ]
)
THINGS: Final[list[dict[str, Any]]] = [
    subscription(discounts=["di_1"], discount=None, status_details=None),
    subscription(shape="acacia"),
    invoice(),
    invoice("acacia"),
    refund(),
    discount(),
    discount("acacia"),
    coupon(),
    customer(),
    invoice_payment(),
    {"id": "ch_1", "object": "charge", "customer": "cus_1"},
]


def paths(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Returns the ways to all values inside of a JSON value."""
    found = [path] if path else []
    inside: list[tuple[Any, Any]] = list(thing.items()) if isinstance(thing, dict) else []
    inside += enumerate(thing) if isinstance(thing, list) else []
    for name, value in inside:
        found += paths(value, (*path, name))
    return found


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """Draws an event with one value replaced by any other."""
    thing = draw(st.sampled_from(THINGS))
    made = json.loads(json.dumps(event(thing, draw(TYPES), before=draw(st.none() | st.just({})))))
    *way, last = draw(st.sampled_from(paths(made)))
    inner = made
    for name in way:
        inner = inner[name]
    inner[last] = draw(JSON)
    result: dict[str, Any] = made
    return result


def accepted(told: list[Told]) -> None:
    """Holds what is told against our decoder: nothing in it is unknown."""
    lines = [msgspec.json.encode(each) for each in told]
    batch = Decoder().decode(lines)
    assert not batch.rejects
    assert not batch.ignored


@examples(60)
@given(st.lists(st.binary(max_size=60) | JSON.map(lambda each: json.dumps(each).encode())))
def test_any_bytes_end_up_once(raws: list[bytes]) -> None:
    """Each record is told, passed over or a gap; ``imported`` counts them."""
    imported(raws)


@examples(60)
@given(st.lists(spoiled(), max_size=6))
def test_any_value_anywhere_ends_up_once(events: list[dict[str, Any]]) -> None:
    """So does each event in which one value is another than it should be."""
    imported(events)


PRICES: Final = st.builds(
    price,
    st.none() | st.integers(0, 10**9),
    st.sampled_from(["usd", "isk", "mga", "jpy", "kwd"]),
    st.sampled_from(["day", "week", "month", "year"]),
    unit_amount_decimal=st.none() | st.decimals(0, 10**6, places=6).map(str),
    transform_quantity=st.none()
    | st.builds(dict, divide_by=st.integers(1, 9), round=st.sampled_from(["up", "down"])),
)
ITEMS: Final = st.builds(
    item,
    st.none() | st.integers(0, 10**6),
    id=st.sampled_from(["si_1", "si_2"]),
    price=PRICES,
    current_period_end=st.integers(FEB_5, FEB_5 + 10**7),
)
WHEN: Final = st.none() | st.integers(JAN_5, JAN_5 + 10**8)
SUBSCRIPTIONS: Final = st.builds(
    lambda items, **more: subscription(*items, **more),
    st.lists(ITEMS, min_size=1, max_size=3),
    id=st.sampled_from(["sub_1", "sub_2"]),
    cancel_at=WHEN,
    cancel_at_period_end=st.booleans(),
    ended_at=WHEN,
    discounts=st.sampled_from([[], ["di_1"]]),
    status=st.sampled_from(["active", "trialing", "past_due", "canceled", "paused"]),
    pause_collection=st.none() | st.just({"behavior": "void", "resumes_at": FEB_5}),
)
BEFORE: Final = st.fixed_dictionaries(
    {}, optional={"cancel_at": WHEN, "status": st.sampled_from(["active", "trialing"])}
)
EVENTS: Final = st.lists(
    st.builds(
        event,
        SUBSCRIPTIONS | st.sampled_from(THINGS),
        TYPES,
        id=st.integers(0, 99).map(lambda number: f"evt_{number}"),
        before=st.none() | BEFORE,
        created=st.integers(FEB_5, FEB_5 + 3),
        account=st.none() | st.just("acct_1"),
    ),
    max_size=8,
    unique_by=lambda made: made["id"],
)


@examples(60)
@given(EVENTS, st.booleans())
def test_what_is_told_is_accepted(events: list[dict[str, Any]], known: bool) -> None:
    """Every event told is one that our decoder takes whole."""
    files = (content(discount(), coupon()),) if known else ()
    accepted([each for _, each in imported(events, discounts=files).told])


@examples(60)
@given(EVENTS)
def test_twice_is_the_same(events: list[dict[str, Any]]) -> None:
    """Importing again gives the same events; among others each has the same id and bytes."""
    once = [each for _, each in imported(events).told]
    assert [each for _, each in imported(events).told] == once
    by_id: dict[tuple[str, str], Told] = {}
    for each in [*once, *(each for _, each in imported([*events, *events[::-1]]).told)]:
        assert by_id.setdefault((each.source, each.id), each) == each


def test_a_number_of_any_size_is_a_gap() -> None:
    """JSON has numbers of any size; one of more than 64 bits ends nothing but its own record."""
    kind = "customer.subscription.created"
    found = imported([event(subscription(item(each)), kind) for each in (10**30, 2)])
    assert found.done == 2
    assert len(found.gaps) == 1
