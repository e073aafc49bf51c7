"""Changes of one subscription in one second."""

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.stripe import order as seconds
from events.sources.stripe.options import StripeOptions
from events.sources.stripe.source import StripeSource
from events.sources.told import Told
from tests.events.sources.stripe.made import FEB_5, SHAPES, Shape, event, item, subscription
from tests.events.sources.stripe.taken import imported, told


def change(name: str, old: int, new: int, shape: Shape = "endive", **more: Any) -> dict[str, Any]:
    """Returns an update of the quantity."""
    before = {"items": {"data": subscription(item(old), shape=shape)["items"]["data"]}}
    made = subscription(item(new), shape=shape)
    return event(made, id=name, before=before, shape=shape, **more)


def last_of(events: list[Told]) -> int:
    """Returns the quantity that stands, as our service orders what it is told."""

    def order(each: Told) -> tuple[str, int, str]:
        rank = ["created", "updated", "deleted"].index(each.type.partition(".")[2])
        return each.time, -1 if each.sequence is None else int(each.sequence), str(rank)

    quantity: int = max(events, key=order).data["items"][0]["quantity"]
    return quantity


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("names", [("evt_a", "evt_b"), ("evt_b", "evt_a")])
@pytest.mark.parametrize("turned", [False, True])
def test_two_updates_of_one_second(shape: Shape, names: tuple[str, str], turned: bool) -> None:
    """The one whose old values are the other's new ones came last, whatever ids and arrival say."""
    first, last = change(names[0], 10, 20, shape), change(names[1], 20, 5, shape)
    events = told(*([last, first] if turned else [first, last]))
    assert sorted(each.id for each in events) == sorted([*names, f"{names[1]}/1"])
    assert last_of(events) == 5
    again = next(each for each in events if each.id.endswith("/1"))
    plain = next(each for each in events if each.id == names[1])
    assert (again.sequence, again.data, again.time) == (1, plain.data, plain.time)


def test_an_event_alone_has_the_same_bytes() -> None:
    """What is told of an event does not depend on what else is in the file; only more is told."""
    first, last = change("evt_a", 10, 20), change("evt_b", 20, 5)
    alone = {each.id: each for made in (first, last) for each in told(made)}
    both = {each.id: each for each in told(first, last)}
    assert {name: both[name] for name in alone} == alone
    assert both.keys() - alone.keys() == {"evt_b/1"}


def test_another_second_or_subscription_is_no_tie() -> None:
    """Sequence is told only where an instant has several changes of one subscription."""
    other = change("evt_c", 20, 5)
    other["data"]["object"]["id"] = "sub_2"
    events = told(change("evt_a", 10, 20), change("evt_b", 20, 5, created=FEB_5 + 1), other)
    assert [each.sequence for each in events] == [None, None, None]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_chain_in_any_order(order: tuple[int, ...]) -> None:
    """Several changes are one chain, through a state twice too; the same again changes nothing."""
    chain = [
        change("evt_d", 1, 2),
        change("evt_a", 2, 1),
        change("evt_c", 1, 3),
        change("evt_b", 3, 4),
    ]
    events = told(*(chain[place] for place in order), chain[0])
    assert last_of(events) == 4
    ids = {each.id for each in events}
    assert len({(each.id, each.sequence) for each in events}) == len(ids)


def test_one_is_missing() -> None:
    """With a hole in the chain the order is open: that is a gap, and the first word stands."""
    out = imported([change("evt_a", 1, 2), change("evt_b", 3, 4)])
    assert [each.id for _, each in out.told] == ["evt_a"]
    assert [(each.reason, each.id) for each in out.gaps] == [("order_unknown", "evt_b")]
    assert (
        imported([change("evt_a", 1, 2), change("evt_b", 3, 4), change("evt_c", 2, 3)]).gaps == []
    )


@pytest.mark.parametrize("names", ["abb", "bba", "abab", "baab"])
def test_the_same_again_does_not_say_the_order(names: str) -> None:
    """What comes twice is in no other order for that: what was a gap is one again."""
    made = {"a": change("evt_a", 1, 2), "b": change("evt_b", 3, 4)}
    out = imported([made[name] for name in names])
    assert {each.id for _, each in out.told} == {f"evt_{names[0]}"}
    assert {each.reason for each in out.gaps} == {"order_unknown"}
    missing = imported([*(made[name] for name in names), change("evt_c", 2, 3)])
    assert last_of([each for _, each in missing.told]) == 4
    assert missing.gaps == []


def test_there_and_back() -> None:
    """A change and its undoing in one second might have been in either order: a gap."""
    out = imported([change("evt_a", 1, 2), change("evt_b", 2, 1)])
    assert [each.reason for each in out.gaps] == ["order_unknown"]


def test_there_and_back_of_a_new_one() -> None:
    """A creation in that second says where it began."""
    made = event(subscription(item(1)), "customer.subscription.created", id="evt_c")
    assert last_of(told(change("evt_a", 1, 2), made, change("evt_b", 2, 1))) == 1


def test_a_creation_and_its_first_payment() -> None:
    """Created incomplete and active in one second, as most are: types alone have that order."""
    new = event(subscription(status="incomplete"), "customer.subscription.created", id="evt_b")
    paid = event(subscription(), id="evt_a", before={"status": "incomplete"})
    for order in ((new, paid), (paid, new)):
        assert [each.sequence for each in told(*order)] == [None, None]
    assert told(event(subscription(status="paused"), "customer.subscription.created"))[0].type == (
        "subscription.created"
    )


def test_only_what_is_told_ties() -> None:
    """Two changes in one second that say the same need no order: the card, the latest invoice."""
    one = event(subscription(), id="evt_a", before={"latest_invoice": "in_0"})
    two = event(subscription(), id="evt_b", before={"default_payment_method": None})
    paused = event(subscription(), "customer.subscription.resumed", id="evt_c")
    assert [each.sequence for each in told(one, two, paused)] == [None, None, None]


def test_the_event_of_a_pause_is_its_update_again() -> None:
    """Both come in one second, and the one without old values fits where its state is."""
    pause: dict[str, Any] = {"status": "paused"}
    update = event(subscription(**pause), id="evt_b", before={"status": "active"})
    own = event(subscription(**pause), "customer.subscription.paused", id="evt_a")
    seats = change("evt_c", 1, 10)
    events = told(own, seats, update)
    assert max(events, key=lambda each: int(each.sequence or 0)).data["status"] == "paused"


def test_parts_of_what_changed() -> None:
    """Of an object the old values are those parts of it that changed."""
    pause = {"behavior": "void", "resumes_at": FEB_5 + 9}
    one = event(
        subscription(pause_collection=pause),
        id="evt_b",
        before={"pause_collection": {"resumes_at": None}},
    )
    two = event(
        subscription(pause_collection=pause | {"resumes_at": None}),
        id="evt_a",
        before={"pause_collection": None},
    )
    assert "resumes_at" in max(told(one, two), key=lambda each: int(each.sequence or 0)).data


@pytest.mark.parametrize("turned", [False, True])
def test_an_end_is_the_last_word_of_its_second(turned: bool) -> None:
    """Created, updated, deleted: an end comes after all, be its second cut apart by two files."""
    end = event(subscription(ended_at=FEB_5), "customer.subscription.deleted", id="evt_0")
    made = [change("evt_a", 1, 2), change("evt_b", 2, 3), end]
    events = told(*(reversed(made) if turned else made))
    assert max(events, key=lambda each: int(each.sequence or 0)).type == "subscription.deleted"
    assert [each.sequence for each in told(end)] == [1_000_000]


@given(st.permutations(range(6)), st.integers(1, 6))
def test_the_same_again_conflicts_with_nothing(order: list[int], cut: int) -> None:
    """Any two imports of parts of a second: one id has one content; the last word is right."""
    chain = [change(f"evt_{9 - place}", place, place + 1) for place in range(6)]
    mixed = [chain[place] for place in order]
    every = told(*mixed)
    assert last_of(every) == 6
    for each in [each for _, each in imported(mixed[:cut]).told]:
        known = next((known for known in every if known.id == each.id), None)
        assert known in (None, each)


def test_of_a_second_that_is_let_go_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its changes, when they come once more, are told as if they had never been there."""
    monkeypatch.setattr(seconds, "SEEN_MAX", 0)
    source = StripeSource(StripeOptions())
    told_ids = []
    for _ in range(2):
        out = Outbox()
        for made in (change("evt_a", 10, 20), change("evt_b", 20, 5)):
            source.take(Record(json.dumps(made).encode(), "events.ndjson", 1), out)
        told_ids.append([each.id for _, each in out.told])
        source.prune()
    assert told_ids == [["evt_a", "evt_b", "evt_b/1"]] * 2
