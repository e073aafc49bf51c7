"""The source: events of Zendesk's webhooks, each told by itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from events.errors import UNREADABLE
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError, Source
from events.sources.told import Told
from events.sources.zendesk import comments, organizations, ratings, tickets
from events.sources.zendesk.notice import Notice
from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.shape import Created, Envelope, Snapshot, Ticket

_PREFIX: Final = "zen:event-type:"
_VERSIONS: Final = frozenset({"2022-06-20", "2022-11-06"})
_CREATED: Final = "ticket.created"
_MESSAGE: Final = "messaging_ticket.message_added"
_ORGANIZATION_FIELD: Final = "organization.custom_field_changed"

_NOT_CREATED: Final = (
    "the creation of the ticket, which lies before the first event here: it is in no figure unless "
    "its creation is told too"
)

TICKET_EVENTS: Final[Mapping[str, Callable[[Notice], list[Told]]]] = {
    _CREATED: tickets.created,
    "ticket.organization_changed": tickets.organization_changed,
    "ticket.status_changed": tickets.status_changed,
    "ticket.soft_deleted": tickets.deleted,
    "ticket.permanently_deleted": tickets.deleted,
    "ticket.undeleted": tickets.undeleted,
    "ticket.marked_as_spam": tickets.marked_as_spam,
    "ticket.merged": tickets.merged,
    "ticket.agent_assignment_changed": tickets.agent_assignment_changed,
    "ticket.priority_changed": tickets.priority_changed,
    "ticket.problem_link_changed": tickets.problem_link_changed,
    "ticket.schedule_changed": tickets.schedule_changed,
    "ticket.group_assignment_changed": tickets.group_assignment_changed,
    "ticket.custom_field_changed": tickets.custom_field_changed,
    "ticket.comment_added": comments.comment_added,
    "ticket.comment_made_private": comments.comment_made_private,
    _MESSAGE: comments.message_added,
    "ticket.csat_requested": ratings.csat_requested,
    "ticket.csat_received": ratings.csat_received,
}
"""What tells an event of a ticket, by its type."""

_SNAPSHOTS: Final[Mapping[str, type[Snapshot]]] = {_CREATED: Created, _MESSAGE: Snapshot}
"""The shapes of those that are not those of a ticket."""

_SILENT: Final = frozenset(
    f"ticket.{name}"
    for name in (
        "attachment_linked_to_comment",
        "attachment_redacted_from_comment",
        "brand_changed",
        "comment_redacted",
        "custom_status_changed",  # its category has a status_changed of its own
        "description_changed",
        "email_ccs_changed",
        "external_id_changed",
        "followers_changed",
        "form_changed",
        "next_sla_breach_changed",  # targets are ours, in the settings
        "ola_policy_changed",
        "requester_changed",  # roles are told with each comment
        "sla_policy_changed",
        "subject_changed",
        "submitter_changed",
        "tags_changed",
        "task_due_at_changed",
        "type_changed",
    )
)
"""Events of tickets that say nothing about any KPI."""

_SILENT_DOMAINS: Final = frozenset(
    {
        "agent",
        "article",
        "community_post",
        "messaging_live_metrics",
        "omnichannel_config",
        "organization",
        "user",
    }
)
"""Domains that say nothing about any KPI, but for what is told above and below."""


class Zendesk(Source[ZendeskOptions]):
    """Zendesk's event webhooks: tickets, comments, messages and ratings."""

    NAME = "zendesk"
    SIGNATURE = "zendesk"
    OPTIONS = ZendeskOptions

    def __init__(self, options: ZendeskOptions) -> None:
        """Takes the options."""
        super().__init__(options)
        self._zendesk: int | None = None
        self._since_ms: int | None = None

    def take(self, record: Record, out: Outbox) -> None:
        """Tells an event, or passes it over.

        Raises:
            GapError: If it cannot be told exactly, or is no event of a webhook.
        """
        envelope = _envelope(record)
        name = envelope.type.removeprefix(_PREFIX)
        try:
            self._check_account(envelope)
            told = self._told(envelope, name, out)
        except GapError as gap:
            raise GapError(gap.reason, gap.needs, envelope.id, told=gap.told) from gap
        except UNREADABLE as error:
            raise GapError("malformed", f"{name}: {error}", envelope.id) from error
        if told:
            out.tell(record, *told)
        else:
            out.pass_over(name)

    def _check_account(self, envelope: Envelope) -> None:
        """Sees that all tickets are of one Zendesk account: each of these counts from 1."""
        if self._zendesk is None:
            self._zendesk = envelope.account_id
        elif self._zendesk != envelope.account_id:
            raise GapError(
                "another_zendesk",
                f"import the account {envelope.account_id} by itself, with a source and a "
                "ticket_prefix of its own",
            )

    def _told(self, envelope: Envelope, name: str, out: Outbox) -> list[Told]:
        if name in TICKET_EVENTS:
            return self._of_ticket(envelope, name, out)
        if name == _ORGANIZATION_FIELD:
            return organizations.custom_field_changed(
                envelope, self.options, self.source, self.account
            )
        if name not in _SILENT and name.partition(".")[0] not in _SILENT_DOMAINS:
            raise GapError("type_unknown", f"no meaning is known of {name[:80]!r}")
        return []

    def _of_ticket(self, envelope: Envelope, name: str, out: Outbox) -> list[Told]:
        ticket: Snapshot = msgspec.json.decode(envelope.detail, type=_SNAPSHOTS.get(name, Ticket))
        notice = Notice(envelope, ticket, self.source, self.account, self.options)
        if self._since_ms is None:
            self._since_ms = notice.at_ms
        told = TICKET_EVENTS[name](notice)
        if told and name != _CREATED and notice.is_of_before(self._since_ms):
            out.note(_NOT_CREATED)
        return told


def _envelope(record: Record) -> Envelope:
    """Reads what every event has.

    Raises:
        GapError: If the record is no event of a webhook.
    """
    try:
        envelope = msgspec.json.decode(record.raw, type=Envelope)
    except UNREADABLE as error:
        needs = (
            "the body of an event webhook, version 2022-11-06; webhooks of triggers and "
            "automations have a body of their own: subscribe to event types instead"
        )
        raise GapError("not_an_event", needs, _id(record)) from error
    if not envelope.type.startswith(_PREFIX):
        needs = f"a type that begins with {_PREFIX}"
        raise GapError("not_an_event", needs, envelope.id)
    if envelope.zendesk_event_version not in _VERSIONS:
        version = envelope.zendesk_event_version[:40]
        raise GapError("version_unknown", f"the shape of version {version!r}", envelope.id)
    return envelope


def _id(record: Record) -> str | None:
    """Returns the id of what is no event, where it has one."""
    try:
        found = msgspec.json.decode(record.raw)
    except UNREADABLE:
        return None
    own = cast(dict[str, Any], found).get("id") if isinstance(found, dict) else None
    return str(own) if isinstance(own, str | int) else None
