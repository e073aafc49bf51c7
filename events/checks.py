"""How msgspec checks what a pydantic annotation says, and what is then made of the value.

The check accepts no more than the annotation does, so that what passes needs no second look. What
is not known here raises, and no event of such a type could be read the quick way.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, MaxLen
from pydantic import AllowInfNan, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo

from events.envelope import Model
from events.fields import PERCENT_MAX, Instant, Percent, read_percent, read_whole
from events.instant import parse_instant

Read = Callable[[Any], Any]
"""Makes of a value, as it was sent and checked, what the model has; raises ValueError."""

Finish = Callable[[Sequence[Any]], set[int]]
"""Gives the structs in a column of values what their model has; returns the places of wrong ones.

The column has a value of each record, or None, and the structs are changed in place.
"""

_PLAIN: Final = (bool, float, int, str)
_BOUNDS: Final = msgspec.Meta(ge=0, le=PERCENT_MAX)


@dataclass(frozen=True, slots=True)
class Check:
    """How one value is read.

    Attributes:
        type: By which msgspec checks it.
        read: What makes the model's value of it; None where it is the same.
        finish: What finishes the structs in it, where there are some.
    """

    type: Any
    read: Read | None = None
    finish: Finish | None = None


_TEXTS_MAX: Final = 512
"""Texts of one kind that are remembered: more than there are currencies."""

_SPECIAL: Final = (
    (Instant, Check(str, parse_instant)),
    # Whole numbers stay such: 25 and 25.0 are two decimals, though equal.
    (Percent, Check(Annotated[int, _BOUNDS] | Annotated[float, _BOUNDS], read_percent)),
)


def check_of(annotation: Any, of_model: Callable[[type[Model]], Check]) -> Check:
    """Returns how a value of an annotation is read.

    Args:
        annotation: As a field of a model has it, its constraints within.
        of_model: Says how a model inside of it is read.

    Raises:
        TypeError: The annotation has something that is not known here.
    """
    for special, check in _SPECIAL:
        if annotation == special:
            return check
    parts = get_args(annotation)
    match get_origin(annotation):
        case None if annotation in (*_PLAIN, NoneType):
            return Check(annotation)
        case None if isinstance(annotation, type) and issubclass(annotation, Model):
            return of_model(annotation)
        case origin if origin is Literal:
            return Check(annotation)
        case origin if origin is Annotated and parts[0] in _PLAIN:
            return _constrained(parts[0], parts[1:])
        case origin if origin is list:
            return _list_of(check_of(parts[0], of_model))
        case origin if origin in (Union, UnionType):
            return _one_of([check_of(part, of_model) for part in parts])
    raise TypeError(f"no check is known for {annotation}")


def _constrained(kind: type, constraints: Sequence[Any]) -> Check:
    """Returns the check of a plain value with constraints."""
    limits: dict[str, Any] = {}
    read: Read | None = None
    for each in _flat(constraints):
        match each:
            case Ge(ge=bound):
                limits["ge"] = bound
            case Le(le=bound):
                limits["le"] = bound
            case MaxLen(max_length=length):
                limits["max_length"] = length
            case StringConstraints(min_length=least, max_length=most, pattern=pattern):
                if each != StringConstraints(
                    to_upper=each.to_upper, min_length=least, max_length=most, pattern=pattern
                ):
                    raise TypeError(f"no check is known for {each}")
                named = {"min_length": least, "max_length": most}
                limits |= {name: value for name, value in named.items() if value is not None}
                read = _text_of(each) if pattern is not None or each.to_upper else None
            case AllowInfNan():  # JSON has neither
                pass
            case BeforeValidator(func=func) if func is read_whole:  # 2.0 is left to the models
                pass
            case _:
                raise TypeError(f"no check is known for {each}")
    return Check(Annotated[kind, msgspec.Meta(**limits)], read)


def _text_of(constraints: StringConstraints) -> Read:
    """Returns what takes text that matches a pattern; the same few texts come again and again."""
    pattern, to_upper = str(constraints.pattern or ""), bool(constraints.to_upper)
    # As pydantic reads it, `$` lets no line break follow.
    matches = re.compile(pattern.replace("$", r"\Z")).search

    @lru_cache(_TEXTS_MAX)
    def read(text: str) -> str:
        if matches(text) is None:
            raise ValueError("another text")
        return text.upper() if to_upper else text

    return read


def _flat(constraints: Sequence[Any]) -> Iterator[Any]:
    for each in constraints:
        if isinstance(each, FieldInfo):
            yield from each.metadata
        else:
            yield each


def _list_of(entry: Check) -> Check:
    read, finish = entry.read, entry.finish
    return Check(
        cast(Any, list)[entry.type],
        None if read is None else lambda values: [read(value) for value in values],
        None if finish is None else _in_lists(finish),
    )


def _in_lists(finish: Finish) -> Finish:
    """Returns what finishes the entries of a column of lists, all of them at once."""

    def finish_lists(column: Sequence[list[Any] | None]) -> set[int]:
        wrong = finish([entry for entries in column if entries for entry in entries])
        if not wrong:
            return wrong
        lists = [place for place, entries in enumerate(column) for _ in entries or ()]
        return {lists[each] for each in wrong}

    return finish_lists


def _one_of(parts: Sequence[Check]) -> Check:
    """Returns the check of a value of several kinds; null is never read."""
    (read, finish), *others = {
        (part.read, part.finish) for part in parts if part.type is not NoneType
    }
    if others:
        raise TypeError("values of several kinds are not told apart here")
    kind: Any = Union[tuple(part.type for part in parts)]  # noqa: UP007
    return Check(kind, read, finish)
