"""Whose a ticket is: of an account, of none, and of one after the other."""

import pytest

from events.forgetting import Forgetting
from events.pseudonyms import Pseudonyms
from tests.events.sources.zendesk.figures import figures, values
from tests.events.sources.zendesk.story import AT, OPTIONS, STORY
from tests.events.sources.zendesk.wire import (
    ACME,
    BOLT,
    changed,
    comment,
    created,
    facts,
    lines,
    taken,
    told,
)

BACKLOG = "ticket_backlog"
SOLVED = "resolution_seconds clock=calendar stat=mean window=30d"
FIRST = "first_response_seconds clock=calendar stat=mean window=30d"


@pytest.mark.parametrize("nothing", ["", None, "0", 0])
def test_a_ticket_of_no_organization(nothing: str | int | None) -> None:
    """Without an organisation a ticket is filed under its own key, and no account is told of it."""
    [event] = told(created(organization_id=nothing))
    assert (event.data.get("account_id"), event.subject) == (None, "zen:ticket:101")


@pytest.mark.parametrize("channel", ["native_messaging", "whatsapp", "sometime_new", None])
def test_messages_are_the_accounts_too(channel: str | None) -> None:
    """A conversation of an account says that what lies under the ticket's own key belongs to it."""
    event = told(created(via={"channel": channel}))[1]
    assert (event.type, event.subject) == ("ticket.account_changed", "zen:ticket:101")
    assert event.data == {"ticket_id": "101", "into_account_id": ACME}


@pytest.mark.parametrize("channel", ["mail", "web_form", "web_service", "phone_call_inbound"])
def test_where_there_are_no_messages(channel: str) -> None:
    """Where there are comments only, a creation is one event."""
    assert len(told(created(via={"channel": channel}))) == 1


def test_an_organization_that_comes_later() -> None:
    """A ticket of nobody that gets an organisation is that account's, with all that was before."""
    nobody = created(organization_id=None)
    later = changed("organization", None, BOLT, organization_id=BOLT, at="2026-03-02T09:20:00Z")
    reply = comment("1", organization_id=BOLT)
    assert facts(later) == [("ticket.account_changed", {"into_account_id": BOLT})]
    assert figures([nobody, later, reply], FIRST, BACKLOG) == [1800.5, 1]


def test_an_organization_that_changes() -> None:
    """A ticket that comes to another account is told under the old one, and is one ticket."""
    first = created()
    move = changed("organization", ACME, BOLT, organization_id=BOLT, at="2026-03-02T09:20:00Z")
    reply = comment("1", organization_id=BOLT)
    assert facts(move) == [("ticket.account_changed", {"into_account_id": BOLT})]
    assert told(move)[0].data["account_id"] == ACME
    assert figures([first, move, reply], FIRST, BACKLOG) == [1800.5, 1]


def test_an_organization_that_is_taken_away() -> None:
    """A ticket cannot become nobody's: that is a gap; what comes then is still the account's."""
    removed = changed("organization", ACME, None, organization_id=None, at="2026-03-02T09:20:00Z")
    reply = comment("1", organization_id=None)
    solved = changed("status", "OPEN", "SOLVED", organization_id="0", at="2026-03-02T10:00:00Z")
    out = taken([created(), removed, reply, solved])
    assert [each.reason for each in out.gaps] == ["organization_removed"]
    assert (out.done, len(out.told)) == (4, 4)
    found = values(lines(out), AT)
    assert [found[name] for name in (FIRST, SOLVED, BACKLOG)] == [1800.5, 3600, 0]


def test_organizations_that_are_one_account() -> None:
    """By the map of accounts two organisations may be one: a ticket does not change hands."""
    accounts = (f"theirs,account_id\n{ACME},acme\n{BOLT},acme\n".encode(),)
    out = taken([created(), changed("organization", ACME, BOLT)], accounts=accounts)
    assert out.told[0][1].data["account_id"] == "acme"
    assert (len(out.told), dict(out.passed)) == (1, {"ticket.organization_changed": 1})


def test_a_forgotten_account_keeps_its_figures() -> None:
    """When its accounts are erased the story has the figures that it had, under other names."""
    told_lines = lines(taken(STORY, **OPTIONS))
    run = Forgetting((ACME, BOLT), (), Pseudonyms(bytes(16)))
    for line in told_lines:
        run.learn(line)
    erased = [line for line in map(run.rewrite, told_lines) if line is not None]
    assert not any(name in b"".join(erased) for name in (ACME.encode(), BOLT.encode()))
    assert values(erased, AT) == values(told_lines, AT)
