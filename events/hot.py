"""Hot events after msgspec has read them: their instants, column by column, and those of models."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from msgspec.structs import force_setattr

from events.envelope import AnyEnvelope, Envelope, EventData
from events.forms import check_field
from events.found import Found
from events.instant import parse_instant
from events.instants import parse_instants
from events.records import HotEvent


@cache
def _instants_of(model: type[EventData]) -> tuple[str, ...]:
    """Returns the fields that hold instants; TypeError if others are not left as they were sent."""
    checks = {name: check_field(field) for name, field in model.model_fields.items()}
    names = tuple(name for name, check in checks.items() if check.read is not None)
    if any(check.finish or check.read not in (None, parse_instant) for check in checks.values()):
        raise TypeError(f"{model.__name__} has fields that a hot type cannot have")
    return names


def complete(found: Sequence[Found], model: type[EventData]) -> tuple[set[int], set[int]]:
    """Sets what a struct leaves open in events of one hot type; its instants are still text.

    Returns:
        Places of the events that have something wrong, and of those that are tests.
    """
    wrong: set[int] = set()
    tests: set[int] = set()
    for name in _instants_of(model):
        told = [each for each in found if getattr(each[0].data, name) is not None]
        read = parse_instants([getattr(event.data, name) for event, _, _ in told])
        for (event, _, index), instant_ms in zip(told, read, strict=True):
            if instant_ms is None:
                wrong.add(index)
            else:
                force_setattr(event.data, name, instant_ms)
    for event, time_ms, index in found:
        event.index, data = index, event.data
        if time_ms is None:
            wrong.add(index)
        elif data.livemode:
            event.effective_ms = time_ms if data.effective_at is None else data.effective_at
        else:
            tests.add(index)
    return wrong, tests - wrong


def hot_of(
    struct: Any, record: dict[str, Any], envelope: "AnyEnvelope", index: int
) -> HotEvent[Any]:
    """Makes of a record that the models accepted what would have become of it by its struct."""
    at_ms = envelope.data.effective_at
    told = {name: getattr(envelope, name) for name in Envelope.model_fields if name != "type"}
    told |= {"time": record["time"], "data": struct.form.of(envelope.data)}
    effective_ms = envelope.time if at_ms is None else at_ms
    hot: HotEvent[Any] = struct(**told, effective_ms=effective_ms, index=index)
    return hot
