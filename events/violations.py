"""What is wrong with the fields of a record, in our words; never with a value of the record."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from events.envelope import Model

Path = tuple[str | int, ...]
"""Where a value stands in a record: names of fields, and places in lists from 0 on."""


class Violation(msgspec.Struct, frozen=True, gc=False):
    """One field that is not what its schema says.

    Attributes:
        path: Where it stands.
        says: What it must be, in words that follow its name.
        choices: The texts that it may be, if these are few.
    """

    path: Path
    says: str
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """Its name, from the record on.

        >>> Violation(("data", "items", 0, "amount"), "is missing").field
        'data.items.0.amount'
        """
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        return f"{self.field}: {self.says}"


_SAYS: Final = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "is out of the range of numbers",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
}
"""By pydantic's name of an error, what is said of it."""

_OURS: Final = frozenset({"instant", "timestamp_out_of_band", "percent", "currency"})
"""Errors whose messages are of our own."""

_FOLLOWS: Final = "default_factory_not_called"
"""Of a field whose default depends on another one that is wrong itself."""

_EMPTY: Final = "must not be empty"
_UNSAID: Final = "is not what the schema of its type says"


def not_of(record: Mapping[str, Any], name: str, kind: str) -> Violation:
    """Returns the violation of an attribute that is missing, empty or not of its kind.

    >>> str(not_of({"data": []}, "data", "an object")), str(not_of({}, "type", "text"))
    ('data: must be an object', 'type: is missing')
    """
    if name not in record:
        return Violation((name,), _SAYS["missing"])
    return Violation((name,), _EMPTY if record[name] == "" else f"must be {kind}")


def violations_of(error: ValidationError, envelope: type[Model]) -> list[Violation]:
    """Returns what a model found wrong with a record, each field once, in the model's order.

    Args:
        error: As the model raised it.
        envelope: The model of the whole event.
    """
    found: dict[Path, list[ErrorDetails]] = {}
    for each in error.errors(include_url=False, include_input=False):
        if each["type"] != _FOLLOWS:
            found.setdefault(_path_in(envelope, each["loc"])[0], []).append(each)
    return [_violation(envelope, path, errors) for path, errors in found.items()]


def _violation(envelope: type[Model], path: Path, errors: Sequence[ErrorDetails]) -> Violation:
    """Returns what is wrong with one field, of which each kind that it may be of says so."""
    bounds = [each for each in errors if not each["type"].endswith("_type")]
    said = [_said(each) for each in bounds or errors]
    first = errors[0]
    if first["type"] == "literal_error":
        choices = tuple(_texts_in(_path_in(envelope, path)[1]))
        many = "one of " if len(choices) > 1 else ""
        return Violation(path, f"must be {many}{', '.join(choices)}", choices)
    return Violation(path, " or ".join(dict.fromkeys(said)))


def _said(error: ErrorDetails) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case kind if kind in _SAYS:
            return _SAYS[kind]
        case kind if kind in _OURS:
            return error["msg"]
        case "value_error":  # raised by a rule of the model's own
            return str(limits["error"])
        case "greater_than_equal":
            return f"must be at least {limits['ge']}"
        case "less_than_equal":
            return f"must be at most {limits['le']}"
        case "string_too_short":
            return _EMPTY
        case "string_too_long":
            return f"must have at most {limits['max_length']} characters"
        case "string_pattern_mismatch":  # the only pattern there is
            return "must be a currency's three letters, such as USD"
    return _UNSAID


def _path_in(model: type[Model], where: Sequence[str | int]) -> tuple[Path, Any]:
    """Returns the part of a place that leads through fields and lists, and what stands there."""
    annotation: Any = model
    for length, part in enumerate(where):
        if isinstance(part, int):
            continue
        fields = [m.model_fields[part] for m in _models_in(annotation) if part in m.model_fields]
        if not fields:  # a name that pydantic gives to one of several kinds
            return tuple(where[:length]), annotation
        annotation = fields[0].annotation
    return tuple(where), annotation


def _models_in(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _texts_in(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for part in get_args(annotation):
            yield from _texts_in(part)
