"""What a field of an event is, as far as it is read from a cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from annotated_types import Le
from pydantic.fields import FieldInfo

from events.envelope import EventData, Model
from events.fields import AMOUNT_MAX, Instant

Kind = Literal["instant", "amount", "whole", "number", "flag", "choice", "text", "texts", "objects"]


@dataclass(frozen=True)
class EventField:
    """A field of an event, or of an object in it.

    Attributes:
        name: Its name.
        kind: How it is read.
        required: Whether an event without it is refused.
        choices: The texts that it may have; none if any.
        model: Of what a list of objects has.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    model: type[Model] | None = None


def fields_of(model: type[Model]) -> dict[str, EventField]:
    """Returns the fields of a model by name."""
    return {name: _field(name, info) for name, info in model.model_fields.items()}


def needed(model: type[Model], *, has_subject: bool) -> set[str]:
    """Returns the fields that must be told; the subject may stand for the entity."""
    names = {name for name, info in model.model_fields.items() if info.is_required()}
    if has_subject and issubclass(model, EventData):
        names.discard(model.ENTITY or "")
    return names


def _field(name: str, info: FieldInfo) -> EventField:
    annotation, constraints = info.annotation, list(info.metadata)
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        constraints += more
    required = info.is_required()
    if get_origin(annotation) is Literal:
        return EventField(name, "choice", required, get_args(annotation))
    if get_origin(annotation) is list:
        entry = get_args(annotation)[0]
        if isinstance(entry, type) and issubclass(entry, Model):
            return EventField(name, "objects", required, model=entry)
        return EventField(name, "texts", required)
    return EventField(name, _kind(annotation, constraints), required)


def _kind(base: Any, constraints: list[Any]) -> Kind:
    if base is bool:
        return "flag"
    if base is str:
        return "text"
    if base in (float, Decimal):
        return "number"
    if base is int:
        read: Any = Annotated[int, *constraints]
        if read == Instant:
            return "instant"
        bounds = [each.le for each in _flat(constraints) if isinstance(each, Le)]
        return "amount" if AMOUNT_MAX in bounds else "whole"
    raise TypeError(f"no way is known to read {base} from a cell")


def _flat(constraints: list[Any]) -> Iterator[Any]:
    for each in constraints:
        yield from each.metadata if isinstance(each, FieldInfo) else [cast(Any, each)]
