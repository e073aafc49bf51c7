"""What happens to tickets: made, moved on, handed on, merged, deleted."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from events.fields import SECONDS_MAX
from events.sources.source import GapError
from events.sources.told import Told
from events.sources.zendesk.notice import Notice, required
from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.shape import Change, Created, FieldChange, Id, Merged, Value, id_of
from events.ticket import TicketStatus

_STATUSES: Final = frozenset(get_args(TicketStatus))
_DELETED: Final = "deleted"
_PUT_AWAY: Final = frozenset({"archived", "scrubbed"})
"""What becomes of closed tickets in Zendesk's own storage: closed they stay."""

_CALLS: Final = frozenset(
    {
        "phone_call_inbound",
        "phone_call_outbound",
        "voicemail",
        "api_phone_call_inbound",
        "api_phone_call_outbound",
        "api_voicemail",
    }
)
"""Channels on which an answer is spoken; `voice` and `phone` are such by themselves."""

_WITHOUT_MESSAGES: Final = frozenset(
    {
        "closed_ticket",
        "helpcenter",
        "linked_problem",
        "mail",
        "mobile",
        "mobile_sdk",
        "rule",
        "web_form",
        "web_service",
    }
)
"""Channels on which there are comments only. In a conversation there are messages, whose events do
not say of which organisation they are; a channel that is not known may be one."""

SYSTEM: Final = "-1"
"""Id of the user that Zendesk itself is."""

_TIME_SPENT: Final = "total time spent (sec)"
"""How the Time Tracking app calls the field in which it adds up, unless somebody renamed it."""


def created(notice: Notice) -> list[Told]:
    """Tells a ticket, and of a conversation that its messages are of the same account."""
    ticket = notice.ticket
    assert isinstance(ticket, Created)
    status = _status(ticket.status)
    channel = _lowered(ticket.via.channel)
    made = notice.fact(
        "ticket.created",
        {
            "effective_at": notice.created_at,
            "requester_id": id_of(ticket.requester_id),
            "submitter_role": _submitter(ticket, notice.options),
            "channel": "phone" if channel in _CALLS else channel,
            "priority": _lowered(ticket.priority),
            "type": _lowered(ticket.type),
            "status": "closed" if status in _PUT_AWAY else None if status == _DELETED else status,
            "group_id": id_of(ticket.group_id),
            "assignee_id": id_of(ticket.assignee_id),
        },
    )
    if notice.account_id is None or channel in _CALLS | _WITHOUT_MESSAGES:
        return [made]
    return [made, notice.belongs(notice.account_id, suffix="/account")]


def _submitter(ticket: Created, options: ZendeskOptions) -> str | None:
    """Returns who opened it: the role is not told, but whether somebody else asked for help is."""
    submitter, requester = id_of(ticket.submitter_id), id_of(ticket.requester_id)
    if submitter is None or submitter == requester:
        return None
    if submitter == SYSTEM:
        return "system"
    return "bot" if submitter in options.bots else "agent"


def organization_changed(notice: Notice) -> list[Told]:
    """Tells that a ticket is another account's.

    Raises:
        GapError: If it is nobody's now.
    """
    change = notice.event(Change)
    before, after = notice.account(change.previous), notice.account(change.current)
    if before == after:
        return []
    if after is not None:
        return [notice.belongs(after, before)]
    assert before is not None
    raise GapError(
        "organization_removed",
        "the ticket goes on in figures as its account's; tell ticket.account_changed from that "
        "account when it has another organisation",
        told=[notice.belongs(before)],
    )


def status_changed(notice: Notice) -> list[Told]:
    """Tells a change of status; to and from deleted is a deletion and its end."""
    change = notice.event(Change)
    previous, current = str(change.previous).lower(), _status(change.current)
    if current == _DELETED:
        return deleted(notice)
    if current in _PUT_AWAY:  # also what was deleted: it stays so
        return []
    known = previous if previous in _STATUSES else None
    told = [notice.fact("ticket.status_changed", {"previous": known, "current": current})]
    if previous == _DELETED:
        told.append(notice.fact("ticket.undeleted", {}, id=f"{notice.id}/undeleted"))
    return told


def _status(value: Id) -> str:
    """Returns a status in lower case.

    Raises:
        GapError: If it is none that Zendesk documents.
    """
    status = str(value).lower()
    if status not in _STATUSES and status not in _PUT_AWAY and status != _DELETED:
        raise GapError("status_unknown", f"no meaning is known of the status {status[:40]!r}")
    return status


def deleted(notice: Notice) -> list[Told]:
    """Tells a deletion; Zendesk tells most of them twice, which is once."""
    return [notice.fact("ticket.deleted", {})]


def undeleted(notice: Notice) -> list[Told]:
    """Tells that a ticket is back."""
    return [notice.fact("ticket.undeleted", {})]


def marked_as_spam(notice: Notice) -> list[Told]:
    """Tells that a ticket was none."""
    return [notice.fact("ticket.marked_as_spam", {})]


def merged(notice: Notice) -> list[Told]:
    """Tells in which ticket it goes on."""
    target = notice.other_ticket(notice.event(Merged).target_ticket_id)
    into = required(target, "the ticket that it was merged into")
    return [notice.fact("ticket.merged", {"into_ticket_id": into})]


def agent_assignment_changed(notice: Notice) -> list[Told]:
    """Tells who works on it."""
    return _changed(notice, "ticket.agent_assignment_changed", id_of)


def priority_changed(notice: Notice) -> list[Told]:
    """Tells how much it matters."""
    return _changed(notice, "ticket.priority_changed", _lowered)


def problem_link_changed(notice: Notice) -> list[Told]:
    """Tells the problem that it hangs on; whether that is a major case, a setting says."""
    return _changed(notice, "ticket.problem_link_changed", notice.other_ticket)


def schedule_changed(notice: Notice) -> list[Told]:
    """Tells which business hours apply, by their id in Zendesk."""
    return _changed(notice, "ticket.schedule_changed", id_of)


def _changed(notice: Notice, event_type: str, read: Callable[[Id], str | None]) -> list[Told]:
    change = notice.event(Change)
    values = {"previous": read(change.previous), "current": read(change.current)}
    return [notice.fact(event_type, values)]


def _lowered(value: Id) -> str | None:
    text = id_of(value)
    return None if text is None else text.lower()


def group_assignment_changed(notice: Notice) -> list[Told]:
    """Tells an escalation, if the group is one to which tickets are handed on."""
    change = notice.event(Change)
    target = notice.options.escalations.get(id_of(change.current) or "")
    if target is None:
        return []
    from_group_id = id_of(change.previous)
    return [notice.fact("ticket.escalated", {"target": target, "from_group_id": from_group_id})]


def custom_field_changed(notice: Notice) -> list[Told]:
    """Tells the work by which the field of all time spent grew.

    Raises:
        GapError: If the field is not named in the options, holds no number, or shrank.
    """
    change = notice.event(FieldChange)
    field = id_of(change.custom_field.id)
    named = notice.options.time_spent_field
    if named is None:
        if (change.custom_field.title or "").strip().lower() == _TIME_SPENT:
            needs = f"the option time_spent_field = {field!r}, if it is the sum of all work"
            raise GapError("time_field_unnamed", needs)
        return []
    if field != named:
        return []
    seconds = _seconds(change.current) - _seconds(change.previous)
    if seconds < 0:
        raise GapError(
            "work_taken_back", "work cannot be below 0: retract what was logged too much"
        )
    if seconds == 0:
        return []
    agent_id = id_of(notice.ticket.actor_id)
    return [notice.fact("ticket.work_logged", {"agent_id": agent_id, "seconds": float(seconds)})]


def _seconds(value: Value | None) -> Decimal:
    """Reads all seconds so far, 0 of an empty field.

    Raises:
        GapError: If it is no number of seconds.
    """
    held = None if value is None else value.value
    if held in (None, ""):
        return Decimal(0)
    try:
        seconds = Decimal(str(held))
    except InvalidOperation:
        seconds = Decimal("nan")
    if not seconds.is_finite() or not 0 <= seconds <= SECONDS_MAX:
        raise GapError("time_no_number", "seconds in the field of all time spent")
    return seconds
