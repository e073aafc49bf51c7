"""What is told of comments, messages and ratings."""

from typing import Any

import pytest

from tests.events.sources.zendesk.figures import figures
from tests.events.sources.zendesk.wire import (
    ACME,
    AGENT,
    BOLT,
    CUSTOMER,
    body,
    changed,
    comment,
    created,
    facts,
    gap,
    message,
    rated,
    told,
)

FIRST = "first_response_seconds clock=calendar stat=mean window=30d"
CSAT = "csat_ratio window=30d"
ANSWERED = "survey_response_ratio window=90d"


@pytest.mark.parametrize(
    ("author", "is_staff", "role"),
    [
        (AGENT, True, "agent"),
        (CUSTOMER, False, "end_user"),
        ("777", True, "bot"),
        ("zd:answerBot", True, "bot"),
        ("-1", True, "system"),
    ],
)
def test_who_wrote(author: str, is_staff: bool, role: str) -> None:
    """Staff are agents but for programs: those of the options, Zendesk's own bots, and itself."""
    [(kind, data)] = facts(comment("9", author, is_staff=is_staff), bots=("777",))
    assert kind == "ticket.comment_added"
    assert data == {"comment_id": "9", "author_id": author, "author_role": role, "is_public": True}


def test_a_program_is_no_answer() -> None:
    """Of a bot that Zendesk calls staff no first reply is made, if the options name it."""
    story = [created(), comment("1", "777", at="2026-03-02T09:01:00Z"), comment("2")]
    assert figures(story, FIRST, bots=("777",)) == [1800.5]
    assert figures(story, FIRST) == [60]


def test_a_light_agent_is_no_answer() -> None:
    """Light agents are staff who write internal notes, which count for nothing."""
    note = comment("1", "702", is_public=False, at="2026-03-02T09:01:00Z")
    assert figures([created(), note, comment("2")], FIRST) == [1800.5]


def test_made_private() -> None:
    """A comment that is public no more is taken back, in whichever order the two are told."""
    early = comment("1", at="2026-03-02T09:10:00Z")
    private = body("ticket.comment_made_private", {"comment": {"id": "1"}})
    reply = comment("2", at="2026-03-02T10:00:00Z")
    [retraction] = told(private)
    assert retraction.type == "event.retracted"
    assert retraction.data["account_id"] == ACME
    of = (retraction.data["retracts_source"], retraction.data["retracts"])
    assert of == (told(early)[0].source, told(early)[0].id)
    for story in ([early, private], [private, early]):
        assert figures([created(), *story, reply], FIRST) == [3600]
    assert figures([created(), early, reply], FIRST) == [600]


def test_made_private_of_no_organization() -> None:
    """The same, where both lie under the ticket's own key."""
    nobody: dict[str, Any] = {"organization_id": ""}
    early = comment("1", at="2026-03-02T09:10:00Z", **nobody)
    private = body("ticket.comment_made_private", {"comment": {"id": "1"}}, **nobody)
    late = comment("2", at="2026-03-02T10:00:00Z", **nobody)
    assert figures([created(**nobody), early, private, late], FIRST) == [3600]


@pytest.mark.parametrize(
    ("actor", "kind", "role"),
    [
        (CUSTOMER, "end_user", "end_user"),
        (AGENT, "agent", "agent"),
        ("777", "agent", "bot"),
        ("zd:answerBot", "system", "bot"),
        ("5", "trigger", "system"),
        ("6", "system", "system"),
    ],
)
def test_messages(actor: str, kind: str, role: str) -> None:
    """A message is a public comment of its conversation, and does not name who wrote."""
    [event] = told(message("m1", actor, kind), bots=("777",))
    assert event.data == {
        "ticket_id": "101",
        "comment_id": "m1",
        "author_role": role,
        "is_public": True,
        "session_id": "c1",
    }


def test_an_unknown_actor() -> None:
    """A kind of actor that is not documented is not taken for another."""
    assert gap(message("m1", "5", "ai_agent"))[0] == "actor_unknown"


def test_a_conversation() -> None:
    """Messages, which name no organisation, are the ticket's of its account, moved or not."""
    asked = message("m1", CUSTOMER, "end_user", at="2026-03-02T09:00:01Z")
    bot = message("m2", "zd:answerBot", "system", at="2026-03-02T09:00:02Z")
    reply = message("m3", AGENT, "agent", at="2026-03-02T09:05:00Z")
    move = changed("organization", ACME, BOLT, organization_id=BOLT)
    solved = changed("status", "NEW", "SOLVED", organization_id=BOLT, at="2026-03-02T10:00:00Z")
    story = [created(via={"channel": "native_messaging"}), asked, bot, reply]
    names = (FIRST, "ticket_backlog", "escalation_ratio window=30d")
    assert figures(story, *names) == [300, 1, 0]
    assert figures([*story, move, solved], *names) == [300, 0, 0]


def test_a_rating_replaces_the_one_before() -> None:
    """GOOD is 1 of 1 and BAD 0; the last one of a ticket counts, and is one answer."""
    asked = body("ticket.csat_requested", at="2026-03-02T12:00:00Z")
    bad = rated("BAD", at="2026-03-02T12:10:00Z")
    good = rated("GOOD", at="2026-03-02T12:20:00Z")
    assert {each.data["response_id"] for each in told(bad, good)} == {"zen:ticket:101"}
    assert figures([asked, bad], CSAT, ANSWERED) == [0, 1]
    assert figures([asked, bad, good], CSAT, ANSWERED) == [1, 1]
    assert figures([asked, good, bad | {"time": "2026-03-02T12:30:00Z"}], CSAT) == [0]


def test_a_rating_as_told() -> None:
    """It names what was asked, of whom, about which ticket and on which scale."""
    assert facts(rated("GOOD", assignee_id=AGENT)) == [
        (
            "survey_response.created",
            {
                "survey_type": "csat",
                "survey_id": "zendesk_csat",
                "respondent_id": CUSTOMER,
                "response_id": "zen:ticket:101",
                "touchpoint": "ticket",
                "scale_min": 0,
                "scale_max": 1,
                "score": 1,
                "assignee_id": AGENT,
            },
        )
    ]
    [(kind, data)] = facts(body("ticket.csat_requested"))
    assert (kind, data["respondent_id"]) == ("survey.sent", CUSTOMER)


@pytest.mark.parametrize(
    ("each", "reason"),
    [
        (rated("GOOD", organization_id=None), "no_organization"),
        (body("ticket.csat_requested", organization_id="0"), "no_organization"),
        (rated("4"), "score_unknown"),
        (rated(None), "score_unknown"),
        (body("ticket.csat_received"), "malformed"),
    ],
)
def test_ratings_that_cannot_be_told(each: dict[str, Any], reason: str) -> None:
    """An answer is an account's, and on a scale that is known."""
    assert gap(each)[0] == reason
