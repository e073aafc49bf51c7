"""Forgetting somebody: every id that leads there is another one, and all else is as it was."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from events import EVENT_TYPES, Decoder
from events.envelope import Model
from events.forgetting import Forgetting
from events.personal import ACCOUNTS, CHANGED_THINGS, LABELS, PEOPLE, PROSE, THINGS
from events.pseudonyms import ERASED, Pseudonyms
from tests.events.examples import COMMON, FULL, encode, full_record, record_of

KEY = bytes(16)
ALL = sorted(EVENT_TYPES)
CLASSES = (ACCOUNTS, PEOPLE, THINGS, PROSE, LABELS)


def texts(model: type[Model]) -> Iterator[str]:
    """The names of a model's fields that hold text, lists and nested models included."""
    for name, field in model.model_fields.items():
        inner = [*get_args(field.annotation), field.annotation]
        for nested in inner:
            if isinstance(nested, type) and issubclass(nested, Model):
                yield from texts(nested)
        told = f"{field.annotation} {field.metadata}"
        if ("str" in told or "Literal" in told) and "instant" not in told:
            yield name


def forget(*accounts: str, users: tuple[str, ...] = (), kept: tuple[str, ...] = ()) -> Forgetting:
    """One run."""
    return Forgetting(accounts, users, Pseudonyms(KEY), kept=kept, means="payment_failed".__eq__)


def rewritten(record: dict[str, Any], run: Forgetting) -> dict[str, Any]:
    """An event after a run that has seen it."""
    value = encode(record)
    run.learn(value)
    new = run.rewrite(value)
    assert new is not None
    found: dict[str, Any] = json.loads(new)
    return found


def test_every_text_of_every_event_is_known_for_what_it_is() -> None:
    """A new field is an id, prose or a label: whoever adds it must say which."""
    found = {name for kind in EVENT_TYPES.values() for name in texts(kind.model)}
    assert len(found) > 50
    known = [name for names in CLASSES for name in names]
    assert len(known) == len(set(known)), "in two classes"
    assert found - set(known) == set()
    assert set(known) - found == set(), "of no event"


@pytest.mark.parametrize("name", ALL)
def test_nothing_of_an_account_is_left(name: str) -> None:
    """Its id, the ids of all that is its own and of the event, and what people wrote are gone."""
    accounts = ("acct_19", "acct_20", "acct_1", "acct_2")
    record = full_record(name) | {"traceparent": "00-4bf92f35-01"}
    record["data"]["nickname"] = "acct_19"
    new = rewritten(record, forget(*accounts))
    assert not any(f'"{account}"' in json.dumps(new) for account in accounts)
    before, after = record["data"], new["data"]
    assert before.keys() - after.keys() == {"nickname"}
    ids = ACCOUNTS | PEOPLE | THINGS
    if name in CHANGED_THINGS:
        ids |= {"current", "previous"}
    for field, value in after.items():
        if field in ids:
            told = value if isinstance(value, list) else [value]
            assert all(each.startswith(ERASED) for each in told), field
        elif field in PROSE:
            assert value in (ERASED, "payment_failed")
        elif field not in ("items", "discounts"):
            assert value == before[field], field
    assert "item_id" not in before.get("items", [{}])[0] or after["items"][0] != before["items"][0]
    assert new["id"].startswith(ERASED)
    assert new.keys() == record.keys() - {"traceparent"}
    assert not Decoder().decode([encode(new)]).rejects


@pytest.mark.parametrize("name", ALL)
def test_the_event_of_another_account_is_the_same_but_for_the_name(name: str) -> None:
    """Only fields that name accounts change, and no word of all the others."""
    record = full_record(name)
    new = rewritten(record, forget("acct_20", "acct_1", "acct_2"))
    told = {field for field in record["data"] if new["data"][field] != record["data"][field]}
    assert told <= ACCOUNTS - {"account_id"}
    assert told == (ACCOUNTS - {"account_id"}) & FULL[name].keys()
    assert new | {"data": None} == record | {"data": None}


@pytest.mark.parametrize("name", ALL)
def test_nothing_of_a_person_is_left(name: str) -> None:
    """Wherever somebody is named: the name goes, and the ids of what only that person did."""
    person, record = "user_1", full_record(name)
    new = rewritten(record, forget(users=(person,)))
    assert person not in json.dumps(new)
    changed = {field for field in record["data"] if new["data"][field] != record["data"][field]}
    assert changed <= PEOPLE | PROSE | {"session_id", "response_id"}
    assert new["data"]["account_id"] == COMMON["account_id"]
    assert bool(changed) == (person in json.dumps(record))


def test_a_person_of_one_account_is_nobody_in_another() -> None:
    """The same id under two accounts is two people; with an account only one is forgotten."""
    data = {"account_id": "acct_19", "user_id": "user_1"}
    record = record_of("user.added", data)
    assert rewritten(record, forget("acct_20", users=("user_1",))) == record
    assert rewritten(record, forget("acct_19", users=("user_1",))) != record


def test_an_answer_is_taken_back_and_removed_under_its_new_name() -> None:
    """What names an answer or an event of a person without the person is changed alike."""
    answer = record_of("survey_response.created", FULL["survey_response.created"] | COMMON)
    gone = record_of("survey_response.deleted", COMMON, id="evt_43", subject="r1")
    back = record_of("event.retracted", COMMON | {"retracts": answer["id"]}, id="evt_44")
    run = forget(users=("user_1",))
    told = rewritten(answer, run)
    assert rewritten(gone, run)["subject"] == told["data"]["response_id"] != "r1"
    assert rewritten(back, run)["data"]["retracts"] == told["id"] != answer["id"]
    other = record_of("event.retracted", COMMON | {"retracts": "evt_1"}, id="evt_45")
    assert rewritten(other, run) == other
    for source, is_theirs in ((answer["source"], True), ("another", False)):
        fields = {"retracts": answer["id"], "retracts_source": source}
        named = rewritten(record_of("event.retracted", COMMON | fields, id="evt_46"), run)["data"]
        assert (named["retracts"] == told["id"], named["retracts_source"]) == (is_theirs, source)


def test_what_moved_between_accounts_keeps_its_id() -> None:
    """A ticket that went from a living account to a forgotten one is still the same ticket."""
    moved = record_of("ticket.account_changed", FULL["ticket.account_changed"] | COMMON)
    created = record_of("ticket.created", {"account_id": "acct_2", "ticket_id": "t1"})
    run = forget("acct_2")
    assert rewritten(moved, run)["data"]["ticket_id"] == "t1"
    assert rewritten(moved, run)["data"]["into_account_id"].startswith(ERASED)
    assert rewritten(created, run)["data"]["ticket_id"] == "t1"


def test_what_was_nobodys_keeps_its_id() -> None:
    """So is one that came to a forgotten account from none: its other facts name no account."""
    moved = record_of("ticket.account_changed", FULL["ticket.account_changed"], subject="t1")
    created = record_of("ticket.created", {"account_id": "acct_2", "ticket_id": "t1"})
    nobodys = record_of("ticket.created", {"ticket_id": "t1"}, subject="t1")
    run = forget("acct_2")
    told = [rewritten(each, run)["data"] for each in (moved, created, nobodys)]
    assert {each["ticket_id"] for each in told} == {"t1"}
    assert told[0]["into_account_id"].startswith(ERASED)


def test_who_is_one_with_somebody_must_be_named_too() -> None:
    """A merge makes two one: half a customer, or half a person, cannot be forgotten."""
    merged = record_of("account.merged", FULL["account.merged"] | COMMON)
    run = forget("acct_20")
    rewritten(merged, run)
    assert run.partners == ["acct_19"]
    taken_back = COMMON | {"account_id": "acct_20", "retracts": merged["id"]}
    others = taken_back | {"retracts_source": "another"}
    rewritten(record_of("event.retracted", others, id="evt_49"), run)
    assert run.partners == ["acct_19"]
    rewritten(record_of("event.retracted", taken_back, id="evt_50"), run)
    assert run.partners == []
    both = forget("acct_19", "acct_20")
    rewritten(merged, both)
    assert both.partners == []
    run = forget(users=("user_2",))
    rewritten(record_of("user.merged", FULL["user.merged"] | COMMON), run)
    assert run.partners == ["user_1"]


def test_what_figures_are_told_apart_by_stays() -> None:
    """Labels, and attributes that the settings name, are as they were; other attributes are gone.

    A label that has the name in it is left, and counted.
    """
    data = COMMON | {"segment": "acct_19", "tier": "gold", "billing_contact": "jo@example.org"}
    run = forget("acct_19", kept=("tier",))
    new = rewritten(record_of("account.updated", data), run)["data"]
    assert new["segment"] == "acct_19"
    assert new["tier"] == "gold"
    assert "billing_contact" not in new
    assert run.left == 1


@pytest.mark.parametrize(
    "value",
    [
        b'{"type": "ticket.created", "id": "e", "data": {"account_id": "acct_19"',
        b'{"type": "weather.rained", "id": "e", "data": {"for": "acct_19"}}',
        b'["acct_19"]',
        b'{"type": "ticket.created", "data": "of acct_19"}',
    ],
)
def test_what_is_no_event_and_names_somebody_is_dropped(value: bytes) -> None:
    """No figure has it, and nobody knows what is what in it; what names another is left alone."""
    run = forget("acct_19")
    assert run.learn(value)
    assert run.rewrite(value) is None
    other = value.replace(b"acct_19", b"acct_190")
    assert not run.learn(other)
    assert run.rewrite(other) is other


def test_a_name_is_found_under_escapes() -> None:
    """JSON can write any character as a number."""
    record = encode(record_of("ticket.created", COMMON | {"ticket_id": "t1"}))
    hidden = record.replace(b"acct_19", b"\\u0061cct_19")
    run = forget("acct_19")
    assert run.learn(hidden)
    assert b"cct_19" not in (run.rewrite(hidden) or b"cct_19")


@pytest.mark.parametrize(
    "name", ["j\u00f6rg@example.com", 'ac"me', "back\\slash", "org/7", "\U0001f600 inc"]
)
@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_name_is_found_however_it_is_escaped(name: str, is_ascii: bool) -> None:
    """In events, and in what is none: Python escapes what is not ASCII, and PHP slashes."""
    data = COMMON | {"ticket_id": "t1", "account_id": name}
    for record in (record_of("ticket.created", data), record_of("no.such_type", data), {"x": name}):
        plain = json.dumps(record, ensure_ascii=is_ascii).encode()
        for value in (plain, plain.replace(b"/", rb"\/")):
            run = forget(name)
            assert run.learn(value)
            assert name not in str(json.loads(run.rewrite(value) or b"null"))
            assert run.names_in(value[:-2] + b", and torn off")


def test_an_event_stays_one_whatever_its_number_is_that_nothing_reads() -> None:
    """Figures count an event with a number out of any range in a field that no type has."""
    record = encode(record_of("ticket.created", COMMON | {"ticket_id": "t1", "odd": 4711}))
    value = record.replace(b"4711", b"1E400")
    run = forget("acct_19")
    assert len(Decoder().decode([value]).events) == 1
    assert run.learn(value)
    assert len(Decoder().decode([run.rewrite(value) or b""]).events) == 1


def test_a_name_stands_after_a_line_break_that_is_escaped() -> None:
    """The letter of an escape is no part of a word."""
    assert forget("acct_19").names_in(rb'{"said": "hello\nacct_19"')
    assert not forget("acct_19").names_in(rb'{"said": "hello\nacct_190"')


def test_pseudonyms_are_of_one_run() -> None:
    """Alike in a run, another in the next; an account's lies where the account lay."""
    one, other = Pseudonyms(KEY, lambda a, b: a[-1] == b[-1]), Pseudonyms(bytes(15) + b"1")
    assert one.of("user_1") == one.of("user_1") != one.of("user_2")
    assert one.of("user_1") != other.of("user_1")
    assert one.of_account("acct_a") == one.of_account("acct_a")
    assert one.of_account("acct_a")[-1] == "a"
