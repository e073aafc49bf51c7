"""Hot types: the few that make up most of all records, as the fast decoder makes them.

A struct here accepts a subset of what the model of its type accepts. Times are left as text, but
for the instant at which the event counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

import msgspec

from events.envelope import Envelope, EventData
from events.fields import COUNT_MAX, SECONDS_MAX, SEQUENCE_MAX, TEXT_CHARS_MAX
from events.instant import parse_instant

HotId = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARS_MAX)]
HotSequence = (
    Annotated[int, msgspec.Meta(ge=0, le=SEQUENCE_MAX)]
    | Annotated[str, msgspec.Meta(max_length=TEXT_CHARS_MAX)]
)


class HotData(msgspec.Struct, gc=False, kw_only=True):
    """What the data of every hot type carries: hot is what the users of an account do."""

    account_id: HotId
    user_id: HotId
    effective_at: str | None = None
    livemode: bool = True


class HotEvent(msgspec.Struct, gc=False, kw_only=True):
    """One validated event of a hot type, as strict as the type's model.

    Attributes:
        effective_ms: When it counts.
        index: Place among the records that were decoded together.

    The decoder sets the last two; what a record itself says under such names is overwritten.
    """

    specversion: Literal["1.0"]
    id: HotId
    source: HotId
    type: str
    time: str
    subject: HotId | None = None
    sequence: HotSequence | None = None
    dataschema: str | None = None
    datacontenttype: str | None = None
    data: HotData
    effective_ms: int = 0
    index: int = 0


class UseData(HotData, gc=False, kw_only=True):
    """Data of a use."""

    feature: HotId
    count: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)] = 1


class FeatureUse(HotEvent, gc=False, kw_only=True):
    """One validated `feature.used`."""

    type: Literal["feature.used"]
    dataschema: Literal["feature.used/1"] | None = None
    data: UseData


class SessionData(HotData, gc=False, kw_only=True):
    """Data of a session; `started_at` is text that has been checked."""

    session_id: HotId | None = None
    started_at: str | None = None
    duration_s: Annotated[float, msgspec.Meta(ge=0, le=SECONDS_MAX)]

    def __post_init__(self) -> None:
        """Refuse a start that is no instant."""
        if self.started_at is not None:
            parse_instant(self.started_at)


class SessionEnd(HotEvent, gc=False, kw_only=True):
    """One validated `session.ended`."""

    type: Literal["session.ended"]
    dataschema: Literal["session.ended/1"] | None = None
    data: SessionData


_TEXTS: Final = frozenset({"effective_at", "started_at"})
"""Fields of the data which the models read as instants and the structs leave as text."""


@dataclass(frozen=True, slots=True)
class HotType:
    """One hot type.

    Attributes:
        name: Name of the type.
        struct: What its records become.
        data: What their data becomes.
        sink: The list of the batch that takes them.
    """

    name: str
    struct: type[HotEvent]
    data: type[HotData]
    sink: Literal["uses", "sessions"]

    def decoder(self, type_prefix: str) -> Callable[[bytes], HotEvent]:
        """Return what decodes records whose type carries a prefix."""
        struct = self.struct
        if type_prefix:
            type_name = Literal[type_prefix + self.name]  # type: ignore[valid-type]
            name, fields = f"Prefixed{struct.__name__}", [("type", type_name)]
            prefixed: Any = msgspec.defstruct(name, fields, bases=(struct,), gc=False, kw_only=True)
            struct = cast(type[HotEvent], prefixed)
        return msgspec.json.Decoder(struct).decode

    def event_of(
        self, record: dict[str, Any], envelope: Envelope[str, EventData], index: int
    ) -> HotEvent:
        """Make of a record that the models accepted what the fast decoder would have made."""
        sent, read = record["data"], envelope.data
        data = {
            name: sent.get(name) if name in _TEXTS else getattr(read, name)
            for name in self.data.__struct_fields__
        }
        return self.struct(
            specversion=envelope.specversion,
            id=envelope.id,
            source=envelope.source,
            type=self.name,
            time=record["time"],
            subject=envelope.subject,
            sequence=envelope.sequence,
            dataschema=None if envelope.dataschema is None else f"{self.name}/1",
            datacontenttype=envelope.datacontenttype,
            data=self.data(**data),
            effective_ms=envelope.time if read.effective_at is None else read.effective_at,
            index=index,
        )


HOT_TYPES: Final = (
    HotType("feature.used", FeatureUse, UseData, "uses"),
    HotType("session.ended", SessionEnd, SessionData, "sessions"),
)
"""All hot types, the most frequent first."""
