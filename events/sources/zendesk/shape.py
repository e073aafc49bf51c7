"""The shape of Zendesk's events, as far as it is read.

Source: Zendesk's reference of webhook event types (ticket, messaging, organization events), of
version 2022-11-06. Ids are text there and integers in some consumers' files: both are taken. A
field without a default has to be there: what is missing is not taken for nothing.
"""

from typing import Final

import msgspec

Id = str | int | None
"""An id; none is null, empty text or 0."""

ID_CHARS_MAX: Final = 256
"""Half of what an id of ours may have, as some are made of two of theirs."""


def id_of(value: Id) -> str | None:
    """Returns an id as text, or None where there is none.

    Raises:
        msgspec.ValidationError: If it is too long to be one.

    >>> id_of("5158"), id_of(5158), id_of("0"), id_of("")
    ('5158', '5158', None, None)
    """
    if value in (None, "", "0", 0):
        return None
    if len(text := str(value)) > ID_CHARS_MAX:
        raise msgspec.ValidationError("an id is too long")
    return text


class Envelope(msgspec.Struct):
    """What every event has.

    Attributes:
        id: Id of the event, a UUID or a ULID.
        type: `zen:event-type:` with domain and name, such as `ticket.created`.
        time: RFC 3339 with up to nine digits of fraction.
        zendesk_event_version: The version of the shape.
        detail: Snapshot of what it is about.
        event: What happened to it.
        account_id: The Zendesk account, which has nothing to do with accounts of ours.
    """

    id: str
    type: str
    time: str
    zendesk_event_version: str
    detail: msgspec.Raw
    event: msgspec.Raw
    account_id: int


class Via(msgspec.Struct):
    """How a ticket came in."""

    channel: str | None


class Snapshot(msgspec.Struct, kw_only=True):
    """A ticket after an event; with a message comes the id alone."""

    id: Id
    organization_id: Id = None
    actor_id: Id = None
    assignee_id: Id = None
    requester_id: Id = None
    created_at: str | None = None
    updated_at: str | None = None


class Ticket(Snapshot, kw_only=True):
    """A ticket after an event of its own, which says whose it is."""

    organization_id: Id


class Created(Ticket, kw_only=True):
    """A ticket as it was made."""

    requester_id: Id
    submitter_id: Id
    status: str
    priority: str | None
    via: Via
    type: str | None = None
    group_id: Id = None


class Organization(msgspec.Struct):
    """An organisation after an event."""

    id: Id


class Change(msgspec.Struct):
    """A value and the one before."""

    current: Id
    previous: Id = None


class Author(msgspec.Struct):
    """Who wrote a comment."""

    id: Id
    is_staff: bool


class Comment(msgspec.Struct):
    """A comment."""

    id: Id
    is_public: bool
    author: Author


class Commented(msgspec.Struct):
    """A comment was added."""

    comment: Comment


class Named(msgspec.Struct):
    """Something of which only the id is read."""

    id: Id


class MadePrivate(msgspec.Struct):
    """A comment is public no more."""

    comment: Named


class Merged(msgspec.Struct):
    """A ticket goes on as another."""

    target_ticket_id: Id


class CustomField(msgspec.Struct):
    """A field that the customer of Zendesk made."""

    id: Id
    title: str | None = None


class Value(msgspec.Struct):
    """What such a field holds."""

    value: str | bool | int | float | None = None


class FieldChange(msgspec.Struct):
    """Such a field has another value."""

    custom_field: CustomField
    current: Value | None
    previous: Value | None = None


class Score(msgspec.Struct):
    """A rating."""

    score: str | None


class Rated(msgspec.Struct):
    """A rating was given."""

    satisfaction_score: Score


class Actor(msgspec.Struct):
    """Who sent a message: `end_user`, `agent`, `trigger` or `system`."""

    id: Id
    type: str


class Messaged(msgspec.Struct):
    """A message was sent in a conversation."""

    actor: Actor
    conversation_id: Id
    message: Named
