"""Forms: what the data of an event is once it is decoded, as structs that are made from the models.

A struct has the fields of its model and, once finished, their values. msgspec reads it from JSON in
a tenth of the time that the model takes; it accepts a subset of what the model accepts. Structs are
finished many at a time, field by field: most fields are left out by all, and are not looked at one
by one.
"""

from collections.abc import Callable, Sequence, Set
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, force_setattr
from pydantic.fields import FieldInfo

from events.checks import Check, check_of
from events.envelope import EventData, Model

_Default = tuple[str, Callable[[Any], Any], Callable[[msgspec.Struct], Any]]
"""Name of a field, what gets it, and what makes its value where it was left out."""


def check_field(field: FieldInfo) -> Check:
    """Returns how a field is read, by its constraints; TypeError if that is not known."""
    if not field.metadata:
        return check_of(field.annotation, _check_model)
    return check_of(Annotated[field.annotation, *field.metadata], _check_model)


class Form:
    """How the fields of one model are read from JSON.

    Attributes:
        struct: What msgspec makes of them. It cannot be changed but by this class, and it refuses
            unknown fields, unless it is of a hot type.
    """

    def __init__(self, model: type[Model], *, is_hot: bool = False) -> None:
        """Derives all from a model.

        Args:
            model: The model.
            is_hot: Whether it is of a hot type, for which less is done: unknown fields pass, and
                the entity must be among the fields.

        Raises:
            TypeError: The model has what no struct can check.
        """
        data = model if issubclass(model, EventData) else None
        self._entity = None if data is None or is_hot else data.ENTITY
        self._needs: str | None = None
        self._partial: Set[str] = frozenset(() if data is None else data.PARTIAL)
        self._defaults: list[_Default] = []
        self._rules = _rules_of(model)
        checks = {name: check_field(field) for name, field in model.model_fields.items()}
        getters: list[tuple[str, Check, Callable[[Any], Any]]] = [
            (name, check, attrgetter(name)) for name, check in checks.items()
        ]
        self._reads = [(name, get, check.read) for name, check, get in getters if check.read]
        self._parts = [(get, check.finish) for _, check, get in getters if check.finish]
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for name, field in model.model_fields.items():
            kind = checks[name].type
            if name == self._entity:  # the subject may stand for it
                self._needs = name if field.is_required() else None
                fields.append((name, kind | None, None))
            elif field.is_required():
                fields.append((name, kind))
            elif name in self._partial or field.default_factory_takes_validated_data:
                self._defaults.append((name, attrgetter(name), _default_of(field)))
                fields.append((name, kind | UnsetType, UNSET))
            elif field.default_factory is not None:
                make = cast(Callable[[], Any], field.default_factory)
                fields.append((name, kind, msgspec.field(default_factory=make)))
            else:
                fields.append((name, kind, field.default))
        self.struct = msgspec.defstruct(
            model.__name__,
            fields,
            namespace={} if data is None else {"ENTITY": data.ENTITY, "own_key": data.own_key},
            kw_only=True,
            frozen=True,
            gc=False,
            forbid_unknown_fields=not is_hot,
        )

    def finish(
        self, records: Sequence[Any], subjects: Sequence[str | None]
    ) -> tuple[list[Set[str]], set[int]]:
        """Gives the fields that msgspec has checked the values that the model would give them.

        Args:
            records: The data of events of this type, as msgspec made it.
            subjects: The subject of each event.

        Returns:
            Which of the model's partial fields each was sent, and the places of those that are no
            data of the model, or may be none. These are left half finished.
        """
        wrong = self._name(records, subjects)
        told = self._fill(records, wrong)
        self._read(records, wrong)
        for get, finish in self._parts:
            wrong |= finish(list(map(get, records)))
        for rule in self._rules:
            for place, data in enumerate(records):
                if place not in wrong:
                    try:
                        rule(data)
                    except ValueError:
                        wrong.add(place)
        return told, wrong

    def _name(self, records: Sequence[Any], subjects: Sequence[str | None]) -> set[int]:
        """Lets the subject stand for an entity that is left out; returns where neither is told."""
        wrong: set[int] = set()
        if self._entity is not None:
            for place, data in enumerate(records):
                if getattr(data, self._entity) is None:
                    if subjects[place] is not None:
                        force_setattr(data, self._entity, subjects[place])
                    elif self._needs:
                        wrong.add(place)
        return wrong

    def _fill(self, records: Sequence[Any], wrong: set[int]) -> list[Set[str]]:
        """Sets what was left out and is made of other fields; returns the partial fields told."""
        told = [self._partial] * len(records)
        for name, get, make in self._defaults:
            column = list(map(get, records))
            if UNSET not in column:
                continue
            for place, value in enumerate(column):
                if value is UNSET:
                    told[place] = _without(told[place], name)
                    try:
                        force_setattr(records[place], name, make(records[place]))
                    except ValueError:
                        wrong.add(place)
        return told

    def _read(self, records: Sequence[Any], wrong: set[int]) -> None:
        """Makes of what was sent what the model has, field by field."""
        for name, get, read in self._reads:
            column = list(map(get, records))
            if column.count(None) == len(column):
                continue
            for place, value in enumerate(column):
                if value is not None:
                    try:
                        force_setattr(records[place], name, read(value))
                    except ValueError:
                        wrong.add(place)

    def of(self, read: Model) -> Any:
        """Returns the finished struct of what the model has read."""
        names = type(read).model_fields
        return self.struct(**{name: _plain(getattr(read, name)) for name in names})

    def told(self, read: Model) -> Set[str]:
        """Returns which of the partial fields the model was sent."""
        return self._partial & read.model_fields_set


@cache
def _without(names: Set[str], left_out: str) -> Set[str]:
    """Returns names but the one left out: one set for all events that leave out the same."""
    return names - {left_out}


@cache
def form_of(model: type[Model]) -> Form:
    """Returns the one form of a model, which is not of a hot type."""
    return Form(model)


def _check_model(model: type[Model]) -> Check:
    form = form_of(model)

    def finish(column: Sequence[Any]) -> set[int]:
        places = [place for place, data in enumerate(column) if data is not None]
        _, wrong = form.finish([column[place] for place in places], [None] * len(places))
        return {places[each] for each in wrong}

    return Check(form.struct, finish=finish)


def _plain(value: Any) -> Any:
    """Returns a value of a model's field, the models in it as structs."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return form_of(type(value)).of(value) if isinstance(value, Model) else value


def _default_of(field: FieldInfo) -> Callable[[msgspec.Struct], Any]:
    """Returns what makes the value of a field that was left out, from the others."""
    make: Any = field.default_factory
    if make is None:
        return lambda data: field.default
    if field.default_factory_takes_validated_data:
        return lambda data: make(asdict(data))
    return lambda data: make()


def _rules_of(model: type[Model]) -> tuple[Callable[[Any], object], ...]:
    """Returns the model's own rules about whole objects, the only code of its own it may have.

    Raises:
        TypeError: It has other validators.
    """
    found = model.__pydantic_decorators__
    rules = found.model_validators.values()
    if (
        found.validators
        or found.field_validators
        or found.root_validators
        or model.__pydantic_post_init__
        or any(rule.info.mode != "after" for rule in rules)
    ):
        raise TypeError(f"{model.__name__} has validators that are not known here")
    return tuple(rule.func for rule in rules)
