"""Six tickets of one day, as Zendesk tells them, with figures that are worked out by hand."""

from typing import Any, Final

from tests.events.sources.zendesk.wire import (
    ACME,
    AGENT,
    BOLT,
    CUSTOMER,
    Body,
    body,
    changed,
    comment,
    created,
    field_changed,
    message,
    rated,
)

_DAY: Final = "2026-03-02T"


def _ticket(ticket_id: str, organization_id: str | None, clock: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ticket_id,
        "organization_id": organization_id,
        "created_at": f"{_DAY}{clock}Z",
        **more,
    }


def _about(ticket: dict[str, Any], each: Body, at: str) -> Body:
    """Returns a body about a ticket at an instant of the day, or at a whole one."""
    when = at if "T" in at else _DAY + at
    name = each["type"].removeprefix("zen:event-type:")
    is_message = name.startswith("messaging_ticket.")
    detail = {"id": ticket["id"]} if is_message else ticket
    merged = {**each["detail"], **detail}
    if not is_message:
        merged["updated_at"] = f"{when[:19]}Z"
    return {
        **each,
        "detail": merged,
        "time": when,
        "id": f"{ticket['id']}-{name}-{when}",
        "subject": f"zen:ticket:{ticket['id']}",
    }


def _solved() -> list[Body]:
    """Acme's 101: asked at nine, answered after 30 minutes, solved after two hours, rated twice."""
    ticket = _ticket("101", ACME, "09:00:00")
    status = "status"
    return [
        _about(ticket, created(), "09:00:00.104557123Z"),
        _about(ticket, comment("1", CUSTOMER, is_staff=False), "09:00:00.320000001Z"),
        _about(ticket, changed("agent_assignment", None, AGENT), "09:05:00.1Z"),
        _about(ticket, changed(status, "NEW", "OPEN"), "09:05:00.2Z"),
        _about(ticket, comment("2", is_public=False), "09:10:00.5Z"),
        _about(ticket, comment("3"), "09:30:00.000000001Z"),
        _about(ticket, field_changed("", "600"), "09:30:00.000000002Z"),
        _about(ticket, field_changed("600", "1500"), "11:00:00.000000001Z"),
        _about(ticket, field_changed("600", "900", "901", title="Last update"), "11:00:00.1Z"),
        _about(ticket, changed(status, "OPEN", "SOLVED"), "11:00:00.000000002Z"),
        _about(ticket, body("ticket.csat_requested"), "12:00:00.5Z"),
        _about(ticket, rated("BAD"), "12:30:00.5Z"),
        _about(ticket, rated("GOOD"), "12:40:00.5Z"),
        _about(ticket, body("ticket.tags_changed"), "12:41:00Z"),
    ]


def _of_nobody() -> list[Body]:
    """102: of no organisation, later Bolt's; a bot writes at once, an agent after 20 minutes."""
    nobody = _ticket("102", "", "10:00:00")
    bolt = nobody | {"organization_id": BOLT}
    return [
        _about(nobody, created(), "10:00:00.2Z"),
        _about(nobody, comment("4", "777"), "10:00:30Z"),
        _about(bolt, changed("organization", None, BOLT), "10:10:00Z"),
        _about(bolt, comment("5"), "10:20:00Z"),
    ]


def _conversation() -> list[Body]:
    """Bolt's 103: a conversation, answered by an agent after five minutes, solved after 45."""
    ticket = _ticket("103", BOLT, "12:00:00", via={"channel": "native_messaging"})
    return [
        _about(ticket, created(), "12:00:00.2Z"),
        _about(ticket, message("m1", CUSTOMER, "end_user"), "12:00:01Z"),
        _about(ticket, message("m2", "zd:answerBot", "system"), "12:00:03Z"),
        _about(ticket, message("m3", AGENT, "agent"), "12:05:00Z"),
        _about(ticket, changed("status", "NEW", "SOLVED"), "12:45:00Z"),
    ]


def _gone() -> list[Body]:
    """Acme's 104 goes on in 101, Bolt's 105 is deleted."""
    double = _ticket("104", ACME, "09:20:00")
    waste = _ticket("105", BOLT, "13:00:00")
    return [
        _about(double, created(), "09:20:00.2Z"),
        _about(double, changed("status", "NEW", "CLOSED"), "09:40:00.1Z"),
        _about(double, body("ticket.merged", {"target_ticket_id": "101"}), "09:40:00.2Z"),
        _about(waste, created(), "13:00:00.2Z"),
        _about(waste, body("ticket.soft_deleted"), "13:10:00.1Z"),
        _about(waste, changed("status", "NEW", "DELETED"), "13:10:00.2Z"),
    ]


def _call() -> list[Body]:
    """Acme's 106: a call that an agent handed on."""
    via = {"channel": "phone_call_inbound"}
    ticket = _ticket("106", ACME, "14:00:00", via=via, submitter_id=AGENT)
    return [
        _about(ticket, created(), "14:00:00.2Z"),
        _about(ticket, changed("group_assignment", "66", "67"), "14:20:00Z"),
    ]


STORY: Final = (*_solved(), *_of_nobody(), *_conversation(), *_gone(), *_call())

OPTIONS: Final[dict[str, Any]] = {
    "bots": ("777",),
    "time_spent_field": "900",
    "escalations": {"67": "customer_success"},
}

AT: Final = "2026-03-03T00:00:00Z"

FIGURES: Final = {
    # answered after 30, 20 and 5 minutes
    "first_response_seconds clock=calendar stat=mean window=30d": (1800 + 1200 + 300) / 3,
    # 102 and 106: the others are solved, merged or deleted
    "ticket_backlog": 2,
    "tickets_created window=30d": 4,
    # 101 took two hours, 103 took 45 minutes
    "resolution_seconds clock=calendar stat=mean window=30d": (7200 + 2700) / 2,
    # 25 minutes of work on the two that are solved
    "handle_seconds window=30d": 1500 / 2,
    # of Acme and Bolt, Acme's 106 was handed on
    "escalation_ratio window=30d": 1 / 2,
    # the second answer of 101 takes the place of the first
    "csat_ratio window=30d": 1,
    "survey_response_ratio window=90d": 1,
    "reopen_ratio window=30d": 0,
}
"""By KPI and labels."""
