"""Amplitude: events as SDKs send them and as its exports have them."""

from collections.abc import Iterator
from typing import IO, Final

from pydantic import Field
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

_VIEWS: Final = ("[Amplitude] Page Viewed", "[Amplitude] Screen Viewed")
_SESSION_EVENTS: Final = ("session_start", "session_end")
_NO_SESSION: Final = "-1"


class AmplitudeOptions(AnalyticsOptions):
    """Options of Amplitude."""

    group_type: str = Field(default="company", min_length=1)
    """The type of group that is an account."""


class Amplitude(AnalyticsSource[AmplitudeOptions]):
    """Amplitude's events: bodies of its HTTP API, and the files of its exports.

    The account of an event is its group of one type, else the one that the user's other events
    name. Nothing says that two users are one.
    """

    NAME = "amplitude"
    SIGNATURE = "token"
    OPTIONS = AmplitudeOptions

    @override
    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        return messages(name, file, "events")

    @override
    def take_message(self, message: Message, record: Record, out: Outbox) -> None:
        name = message.get("event_type")
        found = message.get("insert_id") or message.get("$insert_id") or message.get("uuid")
        event_id = message_id(record, found, "insert_id")
        if not isinstance(name, str) or not name:
            raise GapError("event_missing", "the name of what was done as `event_type`", event_id)
        act = self._act(message, record, event_id)
        if name == "$groupidentify":
            self._group(act, message, out)
        elif not act.person:
            raise GapError("person_missing", "a user_id or device_id", event_id)
        elif name in _VIEWS:
            self.viewed(act, name, out)
        elif name in _SESSION_EVENTS:
            self.seen(act, name, out)
        else:
            self.used(act, name, out)

    def _act(self, message: Message, record: Record, event_id: str) -> Act:
        user = identifier(message.get("user_id"), "user_id")
        device = identifier(message.get("device_id"), "device_id")
        theirs = self._group_key(message, event_id)
        session = identifier(message.get("session_id"), "session_id")
        return Act(
            record=record,
            id=event_id,
            time_ms=_time_ms(message),
            person=user or device or "",
            account=theirs and self.account(theirs),
            session=None if session == _NO_SESSION else session,
            anonymous=user is None,
        )

    def _group_key(self, message: Message, event_id: str) -> str | None:
        """Returns the group of an event, of which it may have several of one type.

        Raises:
            GapError: If there are several.
        """
        found = section(message, "groups").get(self.options.group_type)
        keys = found if isinstance(found, list) else [found]
        if len(keys) > 1:
            needs = f"one group of the type {self.options.group_type!r} for each event"
            raise GapError("account_ambiguous", needs, event_id)
        return identifier(keys[0], "groups") if keys else None

    def _group(self, act: Act, message: Message, out: Outbox) -> None:
        if act.account is None:
            out.pass_over("$groupidentify of another type")
            return
        traits = section(section(message, "group_properties"), "$set")
        self.attributes(act, self.attributes_of(act, act.account, traits), out)


def _time_ms(message: Message) -> int:
    """Returns when an event happened.

    What is sent has `time`, by the sender's clock; exports have `event_time`, which is corrected
    by what that clock was wrong.
    """
    if message.get("event_time") is not None:
        return instant_ms(message["event_time"], "event_time")
    if message.get("time") is not None:
        return instant_ms(message["time"], "time")
    raise GapError("time_missing", "a time or an event_time")
