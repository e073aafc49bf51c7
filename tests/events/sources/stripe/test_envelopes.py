"""What events come in, and what is none."""

import json
from io import BytesIO
from typing import Any

import pytest

from events.sources.records import Record
from events.sources.registry import source_of
from events.sources.stripe.known import ReferenceDataError
from events.sources.stripe.options import StripeOptions
from events.sources.stripe.source import StripeSource
from tests.events.sources.stripe.made import coupon, event, price, subscription
from tests.events.sources.stripe.taken import gap, imported, told

EVENT = event(subscription())
OTHER = event(subscription(id="sub_2"), id="evt_2")
BRIDGE = {"version": "0", "detail-type": EVENT["type"], "source": "aws.partner", "detail": EVENT}
GRID = {"specversion": "1.0", "id": "b5f1", "type": EVENT["type"], "data": EVENT}


@pytest.mark.parametrize("wrapped", [BRIDGE, GRID])
def test_clouds_wrap_the_same_event(wrapped: dict[str, Any]) -> None:
    """EventBridge and Event Grid change nothing; the latter looks like an event of ours."""
    assert told(wrapped) == told(EVENT)
    assert imported([wrapped | {"detail": None, "data": None}]).gaps[0].reason == "not_an_event"
    assert gap({"specversion": "1.0", "data": wrapped}) == "not_an_event"


def records(content: bytes) -> list[Record]:
    """Returns the records of a file."""
    return list(StripeSource(StripeOptions()).records("events.json", BytesIO(content)))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("keys", [("object", "data", "has_more"), ("data", "has_more", "object")])
def test_lists_lines_arrays_and_documents(indent: int | None, keys: tuple[str, ...]) -> None:
    """However events are stored, each is a record."""
    page = {"object": "list", "data": [EVENT, OTHER], "has_more": False}
    listed = json.dumps({key: page[key] for key in keys}, indent=indent)
    array = json.dumps([EVENT, OTHER], indent=indent)
    lines = f"{json.dumps(EVENT)}\n{json.dumps(OTHER)}\n"
    for written in (listed, array, lines):
        found = [json.loads(record.raw)["id"] for record in records(written.encode())]
        assert found == ["evt_1", "evt_2"]
    assert records(listed.encode())[1].place.endswith("[2]")
    both = f"{listed}\n{listed}".encode()
    assert len(records(both)) == 4


def test_thin_events_say_what_to_use_instead() -> None:
    """They have no object: another kind of destination has."""
    thin = {
        "id": "evt_t",
        "object": "v2.core.event",
        "type": "v1.customer.subscription.past_due",
        "created": "2026-02-02T03:00:00.000Z",
        "related_object": {"id": "sub_1", "type": "subscription"},
    }
    for made in (thin, {"detail": thin}):
        [found] = imported([made]).gaps
        assert (found.reason, found.id) == ("thin_event", "evt_t")
        assert "snapshot" in found.needs


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (b"{", "unreadable"),
        (b'{"id": "\xff"}', "unreadable"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        ({}, "not_an_event"),
        (subscription(), "not_an_event"),
        ({"object": "event"}, "not_an_event"),
        (event(subscription(), "invoice.paid"), "shape_unknown"),
        (event(subscription(), created="2026-01-01"), "shape_unknown"),
        (event(subscription(items=[])), "shape_unknown"),
        (event(subscription(), before={"items": 7}), "shape_unknown"),
        (event(subscription(), created=7), "instant_out_of_band"),
    ],
)
def test_what_cannot_be_read_is_a_gap(made: Any, reason: str) -> None:
    """A record in another shape is told of, with its id if it has one."""
    assert gap(made) == reason


def test_other_types_say_nothing() -> None:
    """They are counted by type, whether their object is one that is read or not."""
    draft = event({"id": "in_1", "object": "invoice"}, "invoice.created")
    intent = event({"id": "pi_1", "object": "payment_intent"}, "payment_intent.succeeded")
    warned = event(subscription(), "customer.subscription.trial_will_end")
    out = imported([draft, intent, warned])
    assert (out.told, out.gaps) == ([], [])
    assert out.passed.keys() == {
        "invoice.created",
        "payment_intent.succeeded",
        "customer.subscription.trial_will_end",
    }


def test_reference_data_is_read_strictly() -> None:
    """A wrong file is no file without prices."""
    page = {"object": "list", "data": [price(), coupon()]}
    StripeSource(StripeOptions(prices=(json.dumps(page, indent=1).encode(),)))
    for wrong in (b"nonsense", b'{"object": "product", "id": "prod_1"}', b"{}"):
        with pytest.raises(ReferenceDataError, match="reference data, record 1"):
            StripeSource(StripeOptions(prices=(wrong,)))


def test_it_is_entered() -> None:
    """The command finds it by its name."""
    assert source_of("stripe") is StripeSource
