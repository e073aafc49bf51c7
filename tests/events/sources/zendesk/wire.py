"""Bodies of Zendesk's event webhooks, built for tests, and what the source makes of them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import take
from events.sources.told import Told
from events.sources.zendesk import Zendesk, ZendeskOptions

ZENDESK: Final = 10203040
"""The Zendesk account."""
ACME: Final = "37000001"
"""An organisation."""
BOLT: Final = "37000002"
CUSTOMER: Final = "501"
AGENT: Final = "701"

Body = dict[str, Any]


def body(
    name: str,
    event: Mapping[str, Any] | None = None,
    *,
    at: str = "2026-03-02T09:30:00.5Z",
    event_id: str | None = None,
    **detail: Any,
) -> Body:
    """Returns an event about ticket 101, which is Acme's and was made at nine.

    Args:
        name: Domain and name of the type.
        event: What happened.
        at: When.
        event_id: Id of the event; left out, one that follows from the rest.
        detail: What of the ticket's snapshot is not as usual.
    """
    ticket = {
        "id": "101",
        "organization_id": ACME,
        "actor_id": AGENT,
        "assignee_id": None,
        "brand_id": "360",
        "created_at": "2026-03-02T09:00:00Z",
        "custom_status": "44",
        "description": "The export fails.",
        "external_id": None,
        "form_id": "55",
        "group_id": "66",
        "is_public": True,
        "priority": "HIGH",
        "requester_id": CUSTOMER,
        "status": "OPEN",
        "subject": "Export",
        "submitter_id": CUSTOMER,
        "tags": ["export"],
        "type": "INCIDENT",
        "updated_at": f"{at[:19]}Z",
        "via": {"channel": "mail"},
    }
    if name.startswith("messaging_ticket."):
        ticket = {"id": "101"}
    ticket |= detail
    return {
        "account_id": ZENDESK,
        "detail": ticket,
        "event": {"meta": {"sequence": {"id": "01JX", "position": 1}}, **(event or {})},
        "id": event_id or f"{ticket['id']}-{name}-{at}",
        "subject": f"zen:ticket:{ticket['id']}",
        "time": at,
        "type": f"zen:event-type:{name}",
        "zendesk_event_version": "2022-11-06",
    }


def created(at: str = "2026-03-02T09:00:00.104557Z", **more: Any) -> Body:
    """Returns the creation of a ticket."""
    usual = {"created_at": f"{at[:19]}Z", "status": "NEW"}
    return body("ticket.created", at=at, **(usual | more))


def comment(
    comment_id: str,
    author_id: str = AGENT,
    *,
    is_staff: bool = True,
    is_public: bool = True,
    **more: Any,
) -> Body:
    """Returns a comment, an agent's public one if nothing else is said."""
    author = {"id": author_id, "is_staff": is_staff, "name": "A"}
    written = {"id": comment_id, "body": "hello", "is_public": is_public, "author": author}
    return body("ticket.comment_added", {"comment": written}, **more)


def changed(name: str, previous: Any, current: Any, **more: Any) -> Body:
    """Returns a change of an attribute of a ticket."""
    return body(f"ticket.{name}_changed", {"current": current, "previous": previous}, **more)


def field_changed(previous: Any, current: Any, field: str = "900", **more: Any) -> Body:
    """Returns a change of a field that somebody made; 900 is all time spent."""
    title = more.pop("title", "Total time spent (sec)")
    change = {
        "current": {"value": current, "id": field},
        "previous": {"value": previous, "id": field},
        "custom_field": {"id": field, "title": title, "type": "integer"},
    }
    return body("ticket.custom_field_changed", change, **more)


def message(message_id: str, actor: str, kind: str, **more: Any) -> Body:
    """Returns a message of conversation c1."""
    sent = {
        "actor": {"id": actor, "name": "A", "type": kind},
        "conversation_id": "c1",
        "message": {"id": message_id, "body": "hi"},
    }
    return body("messaging_ticket.message_added", sent, **more)


def rated(score: str | None, **more: Any) -> Body:
    """Returns a rating."""
    return body("ticket.csat_received", {"satisfaction_score": {"score": score}}, **more)


def ndjson(bodies: Iterable[Body]) -> bytes:
    """Returns bodies as a file of lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in bodies)


def taken(bodies: Iterable[Body | bytes], **options: Any) -> Outbox:
    """Returns the outbox after bodies were taken."""
    source, out = Zendesk(ZendeskOptions(**options)), Outbox()
    for number, each in enumerate(bodies, 1):
        raw = each if isinstance(each, bytes) else json.dumps(each).encode()
        take(source, Record(raw, "bodies", number), out)
    source.end(out)
    return out


def told(*bodies: Body, **options: Any) -> list[Told]:
    """Returns the events that bodies tell, which must leave no gap."""
    out = taken(bodies, **options)
    assert out.gaps == []
    return [event for _, event in out.told]


def facts(*bodies: Body, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    """Returns types and data of what is told, but for account and ticket as they usually are."""
    usual = {"account_id": ACME, "ticket_id": "101"}
    return [
        (event.type, {n: v for n, v in event.data.items() if usual.get(n) != v})
        for event in told(*bodies, **options)
    ]


def gap(each: Body | bytes, **options: Any) -> tuple[str, str]:
    """Returns reason and needs of the gap that a body is."""
    out = taken([each], **options)
    assert (out.told, len(out.gaps)) == ([], 1)
    return out.gaps[0].reason, out.gaps[0].needs


def lines(out: Outbox) -> list[bytes]:
    """Returns what was told as lines of NDJSON."""
    return [msgspec.json.encode(event) for _, event in out.told]
