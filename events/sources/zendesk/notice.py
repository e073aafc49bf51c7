"""An event of Zendesk's about one ticket, and how facts of it are told.

A fact goes under the account of the organisation that the snapshot names, and where it names none
under the ticket's own key. Where both may come, they are made one ticket by saying that what lies
under the ticket's own key is the account's (``belongs``).
"""

import re
from typing import Any, Final, TypeVar

import msgspec

from events.instant import parse_instant
from events.sources.accounts import AccountMap
from events.sources.source import GapError
from events.sources.told import Told
from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.shape import Envelope, Id, Snapshot, id_of

Payload = TypeVar("Payload")

_OPENING_MS: Final = 10_000
"""Within this the events of one creation are stamped: longer than Zendesk takes, and shorter than
anybody takes to read a case and answer it."""

_SECOND: Final = 1_000
"""Snapshots tell times to the second."""

_FRACTION: Final = re.compile(r"\.(\d+)", re.ASCII)
_FRACTION_DIGITS: Final = 9


def sequence_of(time: str) -> str:
    """Returns the fraction of a second as text that sorts: our instants end at milliseconds.

    >>> sequence_of("2026-03-15T10:42:00.123956789Z"), sequence_of("2026-03-15T10:42:00Z")
    ('123956789', '000000000')
    """
    found = _FRACTION.search(time)
    return (found[1] if found else "").ljust(_FRACTION_DIGITS, "0")


def instant_of(text: str) -> int:
    """Reads an instant as ms of the epoch.

    Raises:
        GapError: If it is none.
    """
    try:
        return parse_instant(text)
    except ValueError as error:
        raise GapError("time_unreadable", f"a time is needed: {error}") from error


def required(value: Id, what: str) -> str:
    """Returns an id that has to be there.

    Raises:
        GapError: If it is null, empty or 0.
    """
    found = id_of(value)
    if found is None:
        raise GapError("id_missing", f"{what} is needed")
    return found


class Notice:
    """An event about one ticket.

    Attributes:
        id: Id of the event.
        at_ms: When it happened.
        ticket_id: The ticket as events call it.
        account_id: The account that facts go under; None is the ticket's own key.
        ticket: Its snapshot.
        options: What the source was told.
        source: The producer.
    """

    def __init__(
        self,
        envelope: Envelope,
        ticket: Snapshot,
        source: str,
        account: AccountMap,
        options: ZendeskOptions,
    ) -> None:
        """Takes an event, its snapshot, and what the source was told.

        Raises:
            GapError: If the event, or the ticket, has no id or no time.
        """
        self.id = required(envelope.id, "the id of the event")
        self.ticket = ticket
        self.options = options
        self.ticket_id = options.ticket_prefix + required(ticket.id, "the id of the ticket")
        self._envelope = envelope
        self.source = source
        self._account = account
        self.at_ms = instant_of(envelope.time)
        self.account_id = self.account(ticket.organization_id)

    def account(self, organization_id: Id) -> str | None:
        """Returns the account that an organisation is, None for none."""
        theirs = id_of(organization_id)
        return None if theirs is None else self._account(theirs)

    def other_ticket(self, ticket_id: Id) -> str | None:
        """Returns another ticket as events call it, None for none."""
        theirs = id_of(ticket_id)
        return None if theirs is None else self.options.ticket_prefix + theirs

    def event(self, shape: type[Payload]) -> Payload:
        """Reads what happened.

        Raises:
            msgspec.ValidationError: If it is of another shape.
        """
        return msgspec.json.decode(self._envelope.event, type=shape)

    @property
    def created_at(self) -> str | None:
        """When the ticket was made, if that is known and not later than this event."""
        created_at = self.ticket.created_at
        if created_at is None or instant_of(created_at) > self.at_ms:
            return None
        return created_at

    @property
    def opens(self) -> bool:
        """Whether it happened as the ticket was made, by the same action.

        The first comment has an event of its own, stamped a little later, which is no answer and
        no further question. Its snapshot says that there was no update since.
        """
        created_at, updated_at = self.created_at, self.ticket.updated_at
        if created_at is None or updated_at is None:
            return False
        created_ms = instant_of(created_at)
        return instant_of(updated_at) == created_ms and self.at_ms - created_ms < _OPENING_MS

    def is_of_before(self, instant_ms: int) -> bool:
        """Whether the ticket was made before an instant, as far as is told."""
        created_at = self.created_at
        return created_at is not None and instant_of(created_at) // _SECOND < instant_ms // _SECOND

    def fact(self, event_type: str, data: dict[str, Any], **more: Any) -> Told:
        """Tells a fact of the ticket.

        Args:
            event_type: Our type.
            data: Its fields; those that are None are left out.
            more: Attributes of the event that are not as usual.
        """
        account_id = more.pop("account_id", self.account_id)
        fields = {"account_id": account_id, "ticket_id": self.ticket_id, **data}
        return self.told(event_type, fields, **more)

    def told(self, event_type: str, data: dict[str, Any], **more: Any) -> Told:
        """Tells an event that is about the ticket without being a fact of it."""
        usual = {
            "id": self.id,
            "source": self.source,
            "time": self._envelope.time,
            "sequence": sequence_of(self._envelope.time),
            "subject": f"zen:ticket:{self.ticket_id}",
        }
        kept = {name: value for name, value in data.items() if value is not None}
        return Told(**(usual | more), type=event_type, data=kept)

    def belongs(self, into: str, account_id: str | None = None, suffix: str = "") -> Told:
        """Tells that what lies under an account, or else under the ticket's key, is another's."""
        return self.fact(
            "ticket.account_changed",
            {"into_account_id": into},
            account_id=account_id,
            id=self.id + suffix,
        )
