"""What is told of tickets: each rule by a body and the facts that come of it."""

from typing import Any

import pytest

from tests.events.sources.zendesk.figures import figures
from tests.events.sources.zendesk.wire import (
    AGENT,
    CUSTOMER,
    body,
    changed,
    comment,
    created,
    facts,
    field_changed,
    gap,
    told,
)

BACKLOG = "ticket_backlog"
CREATED = "tickets_created window=30d"
SOLVED = "resolution_seconds clock=calendar stat=mean window=30d"
FIRST = "first_response_seconds clock=calendar stat=mean window=30d"
CONTACT = "first_contact_resolution_ratio window=30d"


def test_a_creation() -> None:
    """Enumerations are in lower case, the ticket begins when it was made, not when it was told."""
    assert facts(created(assignee_id=AGENT)) == [
        (
            "ticket.created",
            {
                "effective_at": "2026-03-02T09:00:00Z",
                "requester_id": CUSTOMER,
                "channel": "mail",
                "priority": "high",
                "type": "incident",
                "status": "new",
                "group_id": "66",
                "assignee_id": AGENT,
            },
        )
    ]


@pytest.mark.parametrize(
    ("detail", "field", "value"),
    [
        ({"via": {"channel": "phone_call_inbound"}}, "channel", "phone"),
        ({"via": {"channel": "phone_call_outbound"}}, "channel", "phone"),
        ({"via": {"channel": "voicemail"}}, "channel", "phone"),
        ({"via": {"channel": "api_phone_call_inbound"}}, "channel", "phone"),
        ({"via": {"channel": "api_phone_call_outbound"}}, "channel", "phone"),
        ({"via": {"channel": "api_voicemail"}}, "channel", "phone"),
        ({"via": {"channel": "native_messaging"}}, "channel", "native_messaging"),
        ({"via": {"channel": None}}, "channel", None),
        ({"priority": None}, "priority", None),
        ({"priority": ""}, "priority", None),
        ({"assignee_id": ""}, "assignee_id", None),
        ({"submitter_id": CUSTOMER}, "submitter_role", None),
        ({"submitter_id": AGENT}, "submitter_role", "agent"),
        ({"submitter_id": "777"}, "submitter_role", "bot"),
        ({"submitter_id": "-1"}, "submitter_role", "system"),
        ({"submitter_id": None}, "submitter_role", None),
        ({"status": "SOLVED"}, "status", "solved"),
        ({"status": "HOLD"}, "status", "hold"),
        ({"status": "ARCHIVED"}, "status", "closed"),
        ({"status": "DELETED"}, "status", None),
        ({"created_at": None}, "effective_at", None),
        ({"created_at": "2026-03-02T09:00:01Z"}, "effective_at", None),
    ],
)
def test_fields_of_a_creation(detail: dict[str, Any], field: str, value: str | None) -> None:
    """Calls are calls, null and empty text are nothing, and who opened it follows from two ids."""
    assert facts(created(**detail), bots=("777",))[0][1].get(field) == value


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        ("NEW", "OPEN", [("ticket.status_changed", {"previous": "new", "current": "open"})]),
        ("OPEN", "HOLD", [("ticket.status_changed", {"previous": "open", "current": "hold"})]),
        (None, "PENDING", [("ticket.status_changed", {"current": "pending"})]),
        ("SOLVED", "DELETED", [("ticket.deleted", {})]),
        (
            "DELETED",
            "SOLVED",
            [("ticket.status_changed", {"current": "solved"}), ("ticket.undeleted", {})],
        ),
        ("CLOSED", "ARCHIVED", []),
        ("DELETED", "SCRUBBED", []),
    ],
)
def test_a_change_of_status(
    previous: str | None, current: str, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    """To and from deleted is a deletion and its end; what Zendesk puts away stays as it was."""
    assert facts(changed("status", previous, current)) == expected


def test_a_deletion_is_told_twice_and_is_one() -> None:
    """An event and a change of status say so both, in either order, and so they do of its end."""
    first, second = "2026-03-02T09:20:00.1Z", "2026-03-02T09:20:00.2Z"
    third, fourth = "2026-03-02T09:40:00.1Z", "2026-03-02T09:40:00.2Z"
    for early, late in ((first, second), (second, first)):
        gone = [
            body("ticket.soft_deleted", at=early, status="DELETED"),
            changed("status", "NEW", "DELETED", at=late),
        ]
        assert figures([created(), *gone], BACKLOG, CREATED) == [0, 0]
    for early, late in ((third, fourth), (fourth, third)):
        back = [body("ticket.undeleted", at=early), changed("status", "DELETED", "NEW", at=late)]
        assert figures([created(), *gone, *back], BACKLOG, CREATED) == [1, 1]
        assert figures([created(), *gone, back[0]], BACKLOG) == [1]
        assert figures([created(), *gone, back[1]], BACKLOG) == [1]


def test_gone_for_good() -> None:
    """A ticket that is deleted for ever is gone; a body that does not say whose it is is a gap."""
    last = body("ticket.permanently_deleted", at="2026-03-02T20:00:00Z")
    assert figures([created(), last], BACKLOG, CREATED) == [0, 0]
    last["detail"] = {"id": "101"}
    assert gap(last)[0] == "malformed"


def test_spam() -> None:
    """What is marked as spam was no ticket."""
    assert facts(body("ticket.marked_as_spam")) == [("ticket.marked_as_spam", {})]


def test_a_merge_closes_too() -> None:
    """A merged ticket leaves the figures, whichever of the merge and the closing comes first."""
    for closed, merged in (("1Z", "2Z"), ("2Z", "1Z")):
        story = [
            created(id="104"),
            changed("status", "NEW", "CLOSED", id="104", at=f"2026-03-02T09:20:00.{closed}"),
            body(
                "ticket.merged",
                {"target_ticket_id": "101"},
                id="104",
                at=f"2026-03-02T09:20:00.{merged}",
            ),
        ]
        assert figures([created(), *story], BACKLOG, CREATED, SOLVED) == [1, 1, None]
    assert facts(body("ticket.merged", {"target_ticket_id": "9"})) == [
        ("ticket.merged", {"into_ticket_id": "9"})
    ]
    assert gap(body("ticket.merged", {"target_ticket_id": ""}))[0] == "id_missing"


@pytest.mark.parametrize(
    ("name", "previous", "current", "expected"),
    [
        ("agent_assignment", "7", "8", {"previous": "7", "current": "8"}),
        ("agent_assignment", "7", None, {"previous": "7"}),
        ("agent_assignment", "", "8", {"current": "8"}),
        ("agent_assignment", "7", "0", {"previous": "7"}),
        ("priority", "NORMAL", "URGENT", {"previous": "normal", "current": "urgent"}),
        ("priority", "HIGH", None, {"previous": "high"}),
        ("problem_link", None, "200", {"current": "200"}),
        ("problem_link", "200", "", {"previous": "200"}),
        ("schedule", "31", "32", {"previous": "31", "current": "32"}),
        ("schedule", None, "", {}),
    ],
)
def test_a_change_of_an_attribute(
    name: str, previous: str | None, current: str | None, expected: dict[str, str]
) -> None:
    """Null, empty text and 0 are nothing."""
    assert facts(changed(name, previous, current)) == [(f"ticket.{name}_changed", expected)]


def test_a_change_to_what_is_missing() -> None:
    """A change that does not say what to is no change to nothing."""
    assert gap(body("ticket.priority_changed", {"previous": "HIGH"}))[0] == "malformed"


def test_an_escalation() -> None:
    """Coming to a group that the options name is one; any other group says nothing."""
    options = {"escalations": {"67": "tier2"}}
    handed = changed("group_assignment", "66", "67")
    assert facts(handed, **options) == [
        ("ticket.escalated", {"target": "tier2", "from_group_id": "66"})
    ]
    assert facts(changed("group_assignment", "67", "66"), **options) == []
    assert facts(handed) == []


@pytest.mark.parametrize(
    ("previous", "current", "seconds"),
    [("0", "600", 600), ("600", "1500", 900), (None, "60", 60), ("", 60, 60), ("1.5", "2", 0.5)],
)
def test_work(previous: Any, current: Any, seconds: float) -> None:
    """The field of all time spent tells work by what it grew."""
    assert facts(field_changed(previous, current), time_spent_field="900") == [
        ("ticket.work_logged", {"agent_id": AGENT, "seconds": seconds})
    ]


def test_no_work() -> None:
    """The field of the last update counts nothing twice, nor does a field that stays the same."""
    last = field_changed("600", "900", "901", title="Time spent last update (sec)")
    assert facts(last, field_changed("600", "600"), time_spent_field="900") == []
    assert facts(last) == []


@pytest.mark.parametrize(
    ("previous", "current", "options", "reason"),
    [
        ("0", "600", {}, "time_field_unnamed"),
        ("600", "500", {"time_spent_field": "900"}, "work_taken_back"),
        ("0", "ten", {"time_spent_field": "900"}, "time_no_number"),
        ("0", "-1", {"time_spent_field": "900"}, "time_no_number"),
        ("0", True, {"time_spent_field": "900"}, "time_no_number"),
    ],
)
def test_work_that_cannot_be_told(
    previous: Any, current: Any, options: dict[str, Any], reason: str
) -> None:
    """A field that is not named, shrinks or holds no number is a gap; the first one says its id."""
    told_as, needs = gap(field_changed(previous, current), **options)
    assert told_as == reason
    assert options or "'900'" in needs


@pytest.mark.parametrize("status", ["FROZEN", "", None])
def test_an_unknown_status(status: str | None) -> None:
    """A status that is not documented is not taken for another."""
    assert gap(changed("status", "OPEN", status))[0] == "status_unknown"


@pytest.mark.parametrize(
    ("fraction", "sequence"),
    [("", "000000000"), (".2", "200000000"), (".104557", "104557000"), (".123456789",) * 2],
)
def test_fractions_sort(fraction: str, sequence: str) -> None:
    """A fraction of any length has nine digits as a sequence, which is compared as a number."""
    [event] = told(changed("priority", "LOW", "HIGH", at=f"2026-03-02T09:30:00{fraction}Z"))
    assert event.sequence == sequence.removeprefix(".")


def test_two_in_one_millisecond() -> None:
    """Our instants end at milliseconds: the fraction of nine digits keeps the order of two."""
    early, late = "2026-03-02T09:30:00.123456789Z", "2026-03-02T09:30:00.123956789Z"
    solved = changed("status", "OPEN", "SOLVED", at=early)
    opened = changed("status", "SOLVED", "OPEN", at=late)
    assert [each.sequence for each in told(solved, opened)] == ["123456789", "123956789"]
    for story in ((solved, opened), (opened, solved)):
        assert figures([created(), *story], BACKLOG) == [1]
    again = [
        changed("status", "SOLVED", "OPEN", at=early),
        changed("status", "OPEN", "SOLVED", at=late),
    ]
    assert figures([created(), *again], BACKLOG) == [0]


def test_the_first_comment_is_part_of_the_creation() -> None:
    """It is stamped later than the creation, and is neither an answer nor a further question."""
    asked = comment("1", CUSTOMER, is_staff=False, at="2026-03-02T09:00:00.9Z")
    solved = changed("status", "NEW", "SOLVED", at="2026-03-02T10:00:00Z")
    reply = comment("2", at="2026-03-02T09:30:00Z")
    assert told(asked)[0].data["effective_at"] == "2026-03-02T09:00:00Z"
    story = [created(), asked, reply, solved]
    assert figures(story, FIRST) == [1800]
    assert figures(story, CONTACT, at="2026-03-20T00:00:00Z") == [1]
    opened = comment("1", AGENT, at="2026-03-02T09:00:00.9Z")
    story = [created(submitter_id=AGENT), opened, reply, solved]
    assert figures(story, FIRST) == [1800]


def test_a_snapshot_that_is_out_of_date() -> None:
    """A late comment is no first one, although its snapshot has the time of the creation."""
    late = comment("2", at="2026-03-02T09:30:00Z", updated_at="2026-03-02T09:00:00Z")
    assert "effective_at" not in told(late)[0].data
