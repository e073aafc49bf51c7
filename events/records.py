"""Records: whole events as msgspec reads them, by structs that are made from the models.

A struct accepts a subset of what the models of its type accept; what it refuses, they decide. An
unknown field is refused, so that it is counted, but not in the hot types, most of all traffic.
"""

from functools import cache
from typing import Any, ClassVar, Final, Generic, Literal, cast

import msgspec

from events.dialect import Dialect
from events.envelope import Data, Envelope, EventData
from events.forms import Form, check_field, form_of
from events.registry import EVENT_TYPES, EventType
from events.usage import FeatureUsed, SessionEnded


class Record(msgspec.Struct, Generic[Data], gc=False, kw_only=True):
    """One checked event.

    Attributes:
        kind: Its type.
        type: Name of the type, the producer's prefix taken off.
        form: How its data is read.
        time: When it occurred, as text that is still to be read.
        data: The fields of the type.
    """

    kind: ClassVar[EventType]
    type: ClassVar[str]
    form: ClassVar[Form]
    id: str
    source: str
    subject: str | None
    sequence: str | int | None
    time: str
    data: Data


class HotEvent(Record[Data], Generic[Data], gc=False, kw_only=True):
    """One validated event of a hot type; its data has the fields of the model and their values.

    Attributes:
        effective_ms: When it counts.
        index: Place among the records that were decoded together.

    The decoder sets the last two; what a record itself says under such names is overwritten.
    """

    effective_ms: int = 0
    index: int = 0


FeatureUse = HotEvent[FeatureUsed]
"""One validated `feature.used`."""

SessionEnd = HotEvent[SessionEnded]
"""One validated `session.ended`."""

HOT_TYPES: Final[dict[str, Literal["uses", "sessions"]]] = {
    "feature.used": "uses",
    "session.ended": "sessions",
}
"""The few types that make up most of all records, and the lists of a batch that take them."""


@cache
def record_of(name: str, dialect: Dialect) -> type[Record[EventData]]:
    """Returns the struct of a type's records in a dialect."""
    kind = EVENT_TYPES[name]
    is_hot = name in HOT_TYPES
    form = Form(kind.model, is_hot=True) if is_hot else form_of(kind.model)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field_name, field in Envelope.model_fields.items():
        match field_name:
            case "type":
                continue
            case "data":
                checked: Any = form.struct
            case "dataschema":
                checked = dialect.first_schemas(name)
            case _:
                checked = check_field(field).type
        required = field.is_required()
        fields.append((field_name, checked) if required else (field_name, checked, field.default))
    struct = msgspec.defstruct(
        name.title().replace(".", ""),
        fields,
        bases=(HotEvent if is_hot else Record,),
        namespace={"kind": kind, "type": name, "form": form},
        tag_field="type",
        tag=dialect.type_prefix + name,
        gc=False,
        kw_only=True,
        forbid_unknown_fields=not is_hot,
    )
    return cast(type[Record[EventData]], struct)
