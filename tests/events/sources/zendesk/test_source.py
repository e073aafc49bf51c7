"""The source as a whole: what it takes, what it passes over, and the laws of every source."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Decoder
from events.sources.registry import source_of
from events.sources.zendesk import Zendesk, ZendeskOptions
from events.sources.zendesk.zendesk import TICKET_EVENTS
from streams.cli.importing import options_of
from tests.events.sources.zendesk.figures import values
from tests.events.sources.zendesk.story import AT, FIGURES, OPTIONS, STORY
from tests.events.sources.zendesk.wire import (
    ACME,
    Body,
    body,
    changed,
    created,
    field_changed,
    gap,
    lines,
    taken,
    told,
)


def test_the_story() -> None:
    """Six tickets of a day have the figures that are worked out by hand."""
    out = taken(STORY, **OPTIONS)
    assert (out.gaps, out.done) == ([], len(STORY))
    found = values(lines(out), AT)
    assert {name: found.get(name) for name in FIGURES} == FIGURES


def test_the_story_backwards_and_twice() -> None:
    """The order of bodies, and their repetition, change no figure."""
    once = values(lines(taken(STORY, **OPTIONS)), AT)
    assert values(lines(taken([*reversed(STORY), *STORY], **OPTIONS)), AT) == once


def test_it_is_known_by_its_name() -> None:
    """The registry has it."""
    assert source_of("zendesk") is Zendesk
    assert {each.source for each in told(created())} == {"zendesk"}
    assert {each.source for each in told(created(), source="zendesk/eu")} == {"zendesk/eu"}


@pytest.mark.parametrize(
    "name",
    [
        "ticket.tags_changed",
        "ticket.custom_status_changed",
        "ticket.sla_policy_changed",
        "ticket.next_sla_breach_changed",
        "ticket.requester_changed",
        "organization.created",
        "organization.deleted",
        "user.created",
        "user.organization_membership_created",
        "article.published",
        "agent.state_changed",
    ],
)
def test_passed_over(name: str) -> None:
    """What says nothing about a KPI is counted by its type."""
    out = taken([body(name)])
    assert (out.told, out.gaps, dict(out.passed)) == ([], [], {name: 1})


def _without(key: str) -> Body:
    whole = created()
    del whole[key]
    return whole


@pytest.mark.parametrize(
    ("each", "reason"),
    [
        (b"", "not_an_event"),
        (b"[]", "not_an_event"),
        (b'{"ticket_id": "5", "status": "solved"}', "not_an_event"),
        (b"\xff", "not_an_event"),
        (created() | {"type": "ticket.created"}, "not_an_event"),
        (_without("event"), "not_an_event"),
        (created() | {"zendesk_event_version": "2031-01-01"}, "version_unknown"),
        (body("ticket.teleported"), "type_unknown"),
        (body("moon.landed"), "type_unknown"),
        (created() | {"time": "yesterday"}, "time_unreadable"),
        (created() | {"time": "1999-01-01T00:00:00Z"}, "time_unreadable"),
        (created(created_at="2026-03-02"), "time_unreadable"),
        (created(id="0"), "id_missing"),
        (created(id=["5"]), "malformed"),
        (created(id="5" * 300), "malformed"),
        (created(via=None), "malformed"),
        (created() | {"id": ""}, "id_missing"),
    ],
)
def test_gaps(each: Body | bytes, reason: str) -> None:
    """What is no event of a webhook, or not whole, is a gap with its reason."""
    assert gap(each)[0] == reason


def test_a_gap_names_its_record() -> None:
    """The id of a record is told with its gap, of what is no event too."""
    out = taken([body("ticket.teleported", event_id="e1"), b'{"id": 5}', b'{"id": {}}'])
    assert [each.id for each in out.gaps] == ["e1", "5", None]


def test_tickets_from_before() -> None:
    """Events of a ticket that was made before the first one here are told, with a note."""
    old = changed("status", "OPEN", "SOLVED", created_at="2026-02-02T09:00:00Z")
    out = taken([created(), changed("status", "NEW", "OPEN"), old, body("ticket.tags_changed")])
    assert (len(out.told), sum(out.notes.values())) == (3, 1)
    assert "creation" in next(iter(out.notes))


def test_two_zendesks() -> None:
    """Each Zendesk account counts its tickets from 1: a second one is imported by itself."""
    out = taken([created(), created() | {"account_id": 5}])
    assert [each.reason for each in out.gaps] == ["another_zendesk"]
    first = told(created(), ticket_prefix="eu-")[0]
    assert (first.data["ticket_id"], first.subject) == ("eu-101", "zen:ticket:eu-101")
    linked = told(changed("problem_link", None, "7"), ticket_prefix="eu-")[0]
    assert linked.data["current"] == "eu-7"


@pytest.mark.parametrize(
    ("value", "attribute", "expected"),
    [
        ("smb", "segment", "smb"),
        ("", "segment", None),
        (None, "segment", None),
        (3, "tier", "3"),
        (True, "vip", "true"),
        (True, "is_internal", True),
    ],
)
def test_an_attribute_of_an_organization(value: Any, attribute: str, expected: Any) -> None:
    """A field of an organisation that the options name is an attribute of its account."""
    change = field_changed(None, value, "12") | {
        "type": "zen:event-type:organization.custom_field_changed",
        "detail": {"id": ACME, "name": "Acme"},
        "zendesk_event_version": "2022-06-20",
    }
    [event] = told(change, attributes={"12": attribute})
    assert event.type == "account.updated"
    assert event.data == {"account_id": ACME, attribute: expected}
    assert told(change) == []
    batch = Decoder().decode(lines(taken([change], attributes={"12": attribute})))
    assert (len(batch.events), batch.rejects) == (1, [])


def test_an_attribute_that_cannot_be_one() -> None:
    """Whether an account is internal is a checkbox; an id is no attribute."""
    change = field_changed(None, "yes", "12") | {
        "type": "zen:event-type:organization.custom_field_changed"
    }
    assert gap(change, attributes={"12": "is_internal"})[0] == "attribute_no_truth"
    change = field_changed(None, "y" * 600, "12") | {"type": change["type"]}
    assert gap(change, attributes={"12": "tier"})[0] == "attribute_no_label"
    with pytest.raises(ValueError, match="account_id"):
        ZendeskOptions(attributes={"12": "account_id"})


def test_options_of_a_file() -> None:
    """Maps are read from the file of options as they are; a wrong target is refused."""
    options = options_of(Zendesk, {"escalations": {"67": "tier2"}, "bots": ["7"]})
    assert options == ZendeskOptions(escalations={"67": "tier2"}, bots=("7",))
    with pytest.raises(Exception, match="escalations"):
        options_of(Zendesk, {"escalations": {"67": "the moon"}})


_TEXTS: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "0", "5", "-1", "OPEN", "DELETED", "GOOD", "2026-03-02T09:00:00.1Z"]),
    st.text(max_size=5),
)
_JSON: Final = st.recursive(
    _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_EVERY: Final = {
    "time_spent_field": "900",
    "bots": ("7",),
    "escalations": {"67": "tier2"},
    "attributes": {"900": "segment"},
}


def _replaced(whole: Any, path: tuple[str, ...], value: Any) -> Any:
    head, *rest = path
    return {**whole, head: _replaced(whole[head], tuple(rest), value) if rest else value}


def _paths(whole: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, value in whole.items():
        found.append((*above, name))
        if isinstance(value, dict):
            found += _paths(value, (*above, name))
    return found


@st.composite
def bodies(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Body:
    """Draws a body of the story, or of a type without one there, with some values replaced."""
    each: Any = draw(st.sampled_from(STORY))
    name = draw(st.none() | st.sampled_from(sorted(TICKET_EVENTS)))
    if name is not None:
        each = {**each, "type": f"zen:event-type:{name}"}
    for path in draw(st.lists(st.sampled_from(_paths(each)), max_size=3)):
        if path in _paths(each):
            each = _replaced(each, path, draw(_JSON))
    found: Body = each
    return found


def _every_law(raws: list[bytes]) -> None:
    out = taken(raws, **_EVERY)
    assert out.done == len(raws)
    places = {record.number for record, _ in out.told} | {g.record.number for g in out.gaps}
    assert len(places) + sum(out.passed.values()) == len(raws)
    assert all(re.fullmatch(r"[a-z_]+", each.reason) for each in out.gaps)
    assert lines(taken(raws, **_EVERY)) == lines(out)
    batch = Decoder().decode(lines(out))
    assert batch.rejects == []
    assert dict(batch.ignored) == {}


@given(st.lists(bodies(), max_size=6))
def test_every_body_is_accounted_for(many: list[Body]) -> None:
    """Whatever is in it, a body is told, passed over or a gap, twice the same, and decodes."""
    _every_law([json.dumps(each).encode() for each in many])


@given(st.lists(st.binary(max_size=40) | _JSON.map(lambda each: json.dumps(each).encode())))
def test_anything_is_accounted_for(raws: list[bytes]) -> None:
    """So is what is no body at all."""
    _every_law(raws)


@given(st.permutations(STORY[:8]))
def test_each_is_told_by_itself(many: list[Body]) -> None:
    """What a body tells does not depend on those before it: a webhook's come one by one."""
    alone = [line for each in many for line in lines(taken([each], **OPTIONS))]
    assert lines(taken(many, **OPTIONS)) == alone
