"""The checker: every kind of finding, what it suggests, and that nothing is lost in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import EVENT_TYPES
from events.checking import KINDS, Checker, Finding
from events.checking.findings import FINDINGS_MAX, VALUES_MAX
from tests.events.examples import ITEM, MINIMAL, TIME_MS, encode, full_record, record_of
from tests.events.test_codec import NAMES_OF, VALUES, changed, fields_of

NOW_MS = TIME_MS + 86_400_000
SUB = MINIMAL["subscription.created"]
PAID = {"account_id": "acct_19", "amount_paid": 4900, "currency": "USD", "subscription_id": "s1"}


def checked(*records: object, importable: tuple[str, ...] = ("stripe",)) -> Checker:
    """Checks records, of which bytes are taken as they are, under the name ``f``."""
    checker = Checker(NOW_MS, importable=importable)
    values = [each if isinstance(each, bytes) else encode(each) for each in records]
    checker.take("f", range(1, 1 + len(values)), values)
    checker.end()
    return checker


def found(*records: object) -> list[Finding]:
    """What is found in records."""
    return list(checked(*records).findings)


def data_finding(name: str, **fields: Any) -> Finding:
    """The one finding of an event with some fields, its entity created before if it is one."""
    [finding] = found(record_of(name, MINIMAL[name] | fields))
    return finding


def with_item(**fields: Any) -> dict[str, Any]:
    """A creation with one item with some fields."""
    return record_of("subscription.created", SUB | {"items": [ITEM | fields]})


@pytest.mark.parametrize(
    ("record", "field", "value", "suggestion"),
    [
        (
            record_of("subscription.created", SUB | {"status": "cancelled"}),
            *("data.status", '"cancelled"', "did you mean 'canceled'?"),
        ),
        (
            record_of("subscription.created", SUB | {"status": "ACTIVE"}),
            *("data.status", '"ACTIVE"', "did you mean 'active'?"),
        ),
        (
            with_item(interval="monthly"),
            "data.items[].interval",
            '"monthly"',
            "did you mean 'month'?",
        ),
        (with_item(interval="annual"), "data.items[].interval", '"annual"', "did you mean 'year'?"),
        (
            with_item(interval="quarter"),
            *("data.items[].interval", '"quarter"'),
            "did you mean 'month with interval_count 3'?",
        ),
        (
            with_item(amount=49.5),
            *("data.items[].amount", "49.5"),
            "in minor units, 49.5 of a currency with cents is 4950",
        ),
        (
            with_item(amount="4900"),
            "data.items[].amount",
            '"4900"',
            "write it without quotes: 4900",
        ),
        (
            with_item(quantity=None),
            *("data.items[].quantity", "null", "leave it out where there is no value"),
        ),
        (
            record_of("seats.set", {"account_id": 7, "seats": 1}),
            *("data.account_id", "7", 'write it in quotes: "7"'),
        ),
        (
            record_of("seats.set", {"accountId": "a", "seats": 1}),
            *("data.account_id", None, "is 'accountId' meant for it?"),
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"] | {"livemode": "true"}),
            *("data.livemode", '"true"', "write it without quotes: true"),
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], time="2026-03-14 09:26:53"),
            *("time", '"2026-03-14 09:26:53"', "2026-03-14T09:26:53Z, if it is in UTC"),
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], time="2026-03-14"),
            *("time", '"2026-03-14"', "2026-03-14T00:00:00Z, if it is in UTC"),
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], time=1773480413),
            *("time", "1773480413", '"2026-03-14T09:26:53Z", if it is in seconds since 1970'),
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], time=1773480413000),
            *("time", "1773480413000"),
            '"2026-03-14T09:26:53Z", if it is in milliseconds since 1970',
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], time="yesterday"),
            *("time", '"yesterday"', None),
        ),
    ],
)
def test_a_suggestion(
    record: dict[str, Any], field: str, value: str | None, suggestion: str | None
) -> None:
    """The field, the value that was found, and what may be meant by it."""
    [finding] = found(record)
    assert finding.is_lost
    assert (finding.field, finding.found, finding.suggestion) == (field, value, suggestion)
    assert (finding.place, finding.type, finding.id) == ("f:1", record["type"], record["id"])


@pytest.mark.parametrize(
    ("record", "kind", "field", "suggestion"),
    [
        (
            record_of("feature.used", MINIMAL["feature.used"] | {"userID": "u"}),
            *("unknown_field", "data.userID", "did you mean 'user_id'?"),
        ),
        (
            record_of("feature.used", MINIMAL["feature.used"], livemode=False),
            *("unknown_field", "livemode", "did you mean 'data.livemode'?"),
        ),
        (
            record_of("feature.used", MINIMAL["feature.used"] | {"sequence": 1}),
            *("unknown_field", "data.sequence", "'sequence' belongs beside data, not into it"),
        ),
        (with_item(tax=1), "unknown_field", "data.items[].tax", None),
        (
            with_item(Currency="x"),
            "unknown_field",
            "data.items[].Currency",
            "did you mean 'currency'?",
        ),
        (
            with_item(cancel_at=None),
            *("unknown_field", "data.items[].cancel_at"),
            "'cancel_at' belongs beside data.items[], not into it",
        ),
        (
            record_of("seats.set", MINIMAL["seats.set"], traceparent="00-1"),
            *("extension", "traceparent", None),
        ),
        (
            record_of("ticket.create", MINIMAL["ticket.created"]),
            *("unknown_type", "type", "did you mean 'ticket.created'?"),
        ),
        ({"type": "weather.rained"}, "unknown_type", "type", None),
    ],
)
def test_names_that_are_not_known(
    record: dict[str, Any], kind: str, field: str, suggestion: str | None
) -> None:
    """Unknown fields, on hot events too, and unknown types are named."""
    [finding] = found(record)
    assert (finding.kind, finding.field, finding.suggestion) == (kind, field, suggestion)


def test_attributes_of_accounts_are_no_unknown_fields() -> None:
    """What an account may carry of its own is taken."""
    assert found(record_of("account.updated", {"account_id": "a", "tier": "gold"})) == []


def test_foreign_records_are_named() -> None:
    """By their source, with the command if there is one, whatever their type is called."""
    stripe = {"object": "event", "type": "invoice.paid", "data": {"object": {}}}
    other = {**stripe, "type": "customer.subscription.updated"}
    wrapped = record_of("invoice.paid", {"livemode": False, **stripe})
    [finding] = found(stripe, other, wrapped)
    assert (finding.kind, finding.count) == ("foreign", 3)
    assert finding.says == "these look like Stripe events"
    assert finding.suggestion == "tidemark import stripe"
    [unread] = checked(stripe, importable=()).findings
    assert unread.suggestion == "no source reads them yet; tidemark import --help"


def test_equal_findings_are_counted_once() -> None:
    """With the first place; of many values of one field a few are told apart."""
    bad = [record_of("seats.set", {"account_id": "a", "seats": "x"}, id=f"e{n}") for n in range(3)]
    [finding] = found(*bad)
    assert (finding.count, finding.id, finding.place) == (3, "e0", "f:1")
    many = [record_of("seats.set", {"account_id": "a", "seats": f"x{n}"}) for n in range(50)]
    several = found(*many)
    assert len(several) == VALUES_MAX + 1
    assert sum(each.count for each in several) == 50


def test_findings_are_bounded() -> None:
    """Whatever is sent: beyond the bound they are counted by kind only."""
    checker = checked(*({"type": "seats.set", f"f{n}": 1} for n in range(3)))
    records = [
        record_of("seats.set", MINIMAL["seats.set"] | {f"x{n}": 1})
        for n in range(FINDINGS_MAX + 500)
    ]
    checker.take("g", range(1, 1 + len(records)), [encode(each) for each in records])
    assert len(list(checker.findings)) <= FINDINGS_MAX + len(KINDS)
    assert checker.findings.counts["unknown_field"] == FINDINGS_MAX + 500
    assert sum(each.count for each in checker.findings) == sum(checker.findings.counts.values())


def kinds(*records: object) -> list[tuple[str, str | None]]:
    """Kinds of findings with what they name."""
    return [(each.kind, each.found) for each in found(*records)]


def test_never_created() -> None:
    """Changes of a ticket or subscription without a creation before or after them."""
    change = record_of("ticket.status_changed", MINIMAL["ticket.status_changed"])
    named = f'"{change["data"]["ticket_id"]}"'
    assert kinds(change) == [("never_created", named)]
    creation = record_of("ticket.created", MINIMAL["ticket.created"] | change["data"])
    creation["data"].pop("current", None)
    assert kinds(change, creation) == []
    update = record_of("subscription.updated", SUB | {"status": "canceled"})
    assert kinds(update) == [("never_created", f'"{SUB["subscription_id"]}"')]


def test_without_price() -> None:
    """An active subscription of which no state has items; a trial needs none."""
    named = f'"{SUB["subscription_id"]}"'
    active = record_of("subscription.created", SUB | {"status": "active"})
    active["data"].pop("items", None)
    assert kinds(active) == [("without_price", named)]
    priced = record_of("subscription.updated", SUB | {"status": "active", "items": [ITEM]})
    assert kinds(active, priced) == kinds(priced, active) == []
    emptied = record_of("subscription.updated", SUB | {"status": "active", "items": []})
    assert kinds(active, priced, emptied) == [("without_price", named)]
    trial = record_of("subscription.created", SUB | {"status": "trialing"})
    trial["data"].pop("items", None)
    assert kinds(trial) == []


def test_in_future() -> None:
    """An event that is to happen, clocks that differ by minutes aside."""
    ahead = record_of("seats.set", MINIMAL["seats.set"], time="2027-01-01T00:00:00Z")
    assert kinds(ahead) == [("in_future", '"2027-01-01T00:00:00Z"')]
    soon = record_of("seats.set", MINIMAL["seats.set"], time="2026-03-15T09:30:00Z")
    assert kinds(soon) == []


def test_two_accounts() -> None:
    """One id under two accounts, unless it was moved or they are one; no account is another."""
    first = record_of("ticket.created", {"account_id": "a", "ticket_id": "t"})
    second = record_of("ticket.created", {"account_id": "b", "ticket_id": "t"}, id="e2")
    [finding] = found(first, second)
    assert (finding.kind, finding.found) == ("two_accounts", '"t"')
    assert finding.suggestion == "here under b, before under a"
    move = {"account_id": "a", "into_account_id": "b", "ticket_id": "t"}
    assert kinds(first, second, record_of("ticket.account_changed", move)) == []
    merge = {"account_id": "a", "into_account_id": "b"}
    assert kinds(record_of("account.merged", merge), first, second) == []
    unfiled = record_of("ticket.created", {"ticket_id": "t"}, id="e3")
    assert [kind for kind, _ in kinds(first, unfiled)] == ["two_accounts"]


def test_major_units() -> None:
    """A payment a hundred times its price, or a hundredth, is in another unit; a year is not."""
    state = SUB | {"account_id": "acct_19", "subscription_id": "s1", "status": "active"}
    created = record_of("subscription.created", state | {"items": [ITEM | {"amount": 49}]})
    [finding] = found(created, record_of("invoice.paid", PAID))
    assert (finding.kind, finding.field) == ("major_units", "data.items[].amount")
    assert finding.found == "4900 paid for 49"
    right = record_of("subscription.created", state | {"items": [ITEM | {"amount": 4900}]})
    [finding] = found(right, record_of("invoice.paid", PAID | {"amount_paid": 49}))
    assert (finding.kind, finding.field) == ("major_units", "data.amount_paid")
    for amount in (4900, 58_800, 5_831, 1):
        assert kinds(right, record_of("invoice.paid", PAID | {"amount_paid": amount})) == []
    other = record_of("invoice.paid", PAID | {"subscription_id": None, "amount_paid": 490_000})
    assert [kind for kind, _ in kinds(right, other)] == ["major_units"]


def test_profile() -> None:
    """Counts by type, dates, accounts and currencies; tests are counted and not taken."""
    test = record_of("seats.set", MINIMAL["seats.set"] | {"livemode": False})
    profile = checked(with_item(), test, record_of("seats.set", MINIMAL["seats.set"])).profile
    assert (profile.records, profile.taken, profile.tests) == (3, 2, 1)
    assert profile.types == {"subscription.created": 1, "seats.set": 2}
    assert profile.currencies == {"USD": 1}
    assert (profile.first_ms, profile.last_ms) == (TIME_MS, TIME_MS)


def is_told(checker: Checker) -> bool:
    """Whether the one record is taken, a test, or told of as lost."""
    profile = checker.profile
    return (profile.taken, profile.tests, bool(checker.findings.lost)) in (
        *((1, 0, lost) for lost in (False, True)),
        (0, 1, False),
        (0, 0, True),
    )


@given(value=st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
def test_any_bytes_are_told(value: bytes) -> None:
    """No bytes are lost in silence, and none raise."""
    assert is_told(checked(value))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
TYPES = st.sampled_from([*EVENT_TYPES, "track", "RECORD", "STATE", "weather.rained"])


@given(record=JSON | st.fixed_dictionaries({"type": TYPES | JSON, "data": JSON, "batch": JSON}))
def test_any_json_is_told(record: object) -> None:
    """No JSON is lost in silence, whatever shape it has."""
    assert is_told(checked(json.dumps(record).encode()))


@pytest.mark.parametrize("topic", NAMES_OF)
@given(data=st.data())
def test_any_change_of_an_event_is_told(topic: str, data: st.DataObject) -> None:
    """An event of which something is odd is taken, or told of with the field."""
    name = data.draw(st.sampled_from(NAMES_OF[topic]))
    change = st.just("drop") | st.tuples(VALUES)
    changes = st.lists(st.tuples(st.sampled_from(fields_of(name)), change), max_size=3)
    assert is_told(checked(encode(changed(name, data.draw(changes)))))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_full_examples_lose_nothing(name: str) -> None:
    """Nothing is lost of what is right."""
    checker = checked(full_record(name))
    assert (checker.profile.taken, checker.findings.lost) == (1, 0)
