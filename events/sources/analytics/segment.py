"""Segment and RudderStack: messages of six types, as they are sent, received and stored."""

from collections.abc import Iterator
from typing import IO, Any, Final

from typing_extensions import override

from events.sources.analytics.act import Act
from events.sources.analytics.message import (
    Message,
    identifier,
    instant_ms,
    message_id,
    messages,
    section,
)
from events.sources.analytics.options import AnalyticsOptions
from events.sources.analytics.source import AnalyticsSource
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError

_VIEWS: Final = ("page", "screen")
_TYPES: Final = "identify, track, page, screen, group or alias"
_CORRECTED: Final = ("receivedAt", "sentAt", "originalTimestamp")


class SegmentOptions(AnalyticsOptions):
    """Options of Segment and RudderStack."""

    account_trait: str | None = None
    """Trait of identify calls that names the user's account, such as `company.id`; left out, only
    group calls and messages with a `groupId` say it."""


class Segment(AnalyticsSource[SegmentOptions]):
    """Segment's messages: bodies of its API, its archives, and what its destinations get.

    The account of a message is its `groupId` or `context.groupId`, else the one that the user is
    said to belong to anywhere.
    """

    NAME = "segment"
    SIGNATURE = "segment"
    OPTIONS = SegmentOptions

    @override
    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        return messages(name, file, "batch")

    @override
    def take_message(self, message: Message, record: Record, out: Outbox) -> None:
        kind = message.get("type")
        if kind not in ("identify", "track", "group", "alias", *_VIEWS):
            raise GapError("unknown_type", f"{_TYPES} as `type`", _id(message, record))
        act = self._act(message, record)
        if kind == "group":
            self._group(act, message, out)
        elif not act.person:
            raise GapError("person_missing", "a userId or anonymousId", _id(message, record))
        elif kind == "track":
            self.used(act, _name(message, act), out)
        elif kind == "identify":
            self._identify(act, message, out)
        elif kind == "alias":
            self._alias(act, message, out)
        else:
            self.viewed(act, kind, out)

    def _act(self, message: Message, record: Record) -> Act:
        context = section(message, "context")
        user = identifier(message.get("userId"), "userId")
        device = identifier(message.get("anonymousId"), "anonymousId")
        theirs = identifier(message.get("groupId"), "groupId") or identifier(
            context.get("groupId"), "context.groupId"
        )
        return Act(
            record=record,
            id=_id(message, record),
            time_ms=_time_ms(message),
            person=user or device or "",
            account=theirs and self.account(theirs),
            session=identifier(context.get("sessionId"), "context.sessionId"),
            anonymous=user is None,
        )

    def _group(self, act: Act, message: Message, out: Outbox) -> None:
        if act.account is None:
            raise GapError("account_missing", "a groupId", act.id)
        if act.person:
            # Whose it is holds, even if its traits cannot be told.
            self.people.join(act.person, act.account)
        told = self.attributes_of(act, act.account, section(message, "traits"))
        if act.person:
            self.joined(act, act.account, told, out)
        else:
            self.attributes(act, told, out)

    def _identify(self, act: Act, message: Message, out: Outbox) -> None:
        # RudderStack's SDK for Python has the traits in the context alone.
        traits = section(section(message, "context"), "traits") | section(message, "traits")
        if self.options.account_trait is not None:
            account = identifier(
                _at(traits, self.options.account_trait), self.options.account_trait
            )
            if account is not None:
                self.people.join(act.person, self.account(account))
        device = identifier(message.get("anonymousId"), "anonymousId")
        if act.anonymous or device is None:
            self.seen(act, "identify", out)
        else:
            self.same(act, device, act.person, "identify", out)

    def _alias(self, act: Act, message: Message, out: Outbox) -> None:
        old = identifier(message.get("previousId"), "previousId")
        if old is None or act.anonymous:
            raise GapError("person_missing", "a previousId and a userId", act.id)
        self.same(act, old, act.person, "alias", out)


class RudderStack(Segment):
    """RudderStack's messages, which are Segment's but for where the traits of a user are."""

    NAME = "rudderstack"
    SIGNATURE = "token"


def _id(message: Message, record: Record) -> str:
    return message_id(record, message.get("messageId"), "messageId")


def _name(message: Message, act: Act) -> str:
    name = message.get("event")
    if not isinstance(name, str) or not name:
        raise GapError("event_missing", "the name of what was done as `event`", act.id)
    return name


def _at(traits: Message, path: str) -> Any:
    """Returns the trait at a path with dots, or None."""
    found: Any = traits
    for step in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def _time_ms(message: Message) -> int:
    """Returns when a message's act happened.

    Once the servers have had it, `timestamp` is corrected by what the sender's clock was wrong:
    received - (sent - original). RudderStack's SDKs for browsers send `originalTimestamp` alone.

    Raises:
        GapError: If there is no time, or none that can be read.
    """
    if message.get("timestamp") is not None:
        return instant_ms(message["timestamp"], "timestamp")
    if all(message.get(field) is not None for field in _CORRECTED):
        received, sent, original = (instant_ms(message[field], field) for field in _CORRECTED)
        return received - (sent - original)
    if message.get("originalTimestamp") is not None:
        return instant_ms(message["originalTimestamp"], "originalTimestamp")
    raise GapError("time_missing", "a timestamp or an originalTimestamp")
