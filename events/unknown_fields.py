"""The fields of a record that no model knows. They are ignored, but not unseen."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from events.envelope import Envelope, EventData, Model
from events.violations import Path

_ENVELOPE_FIELDS = frozenset(Envelope.model_fields)


@cache
def _known_of(model: type[Model]) -> tuple[frozenset[str], tuple[tuple[str, frozenset[str]], ...]]:
    """Return a model's fields, and those of the entries of each list of models it holds."""
    lists = tuple(
        (name, frozenset(inner.model_fields))
        for name, field in model.model_fields.items()
        for inner in get_args(field.annotation)
        if isinstance(inner, type) and issubclass(inner, Model)
    )
    return frozenset(model.model_fields), lists


def unknown_fields(record: Mapping[str, Any], model: type[EventData]) -> list[Path]:
    """Return where the fields stand that are unknown in an event, whose data is of a model.

    Those of the envelope, of the data, and of the entries of the data's lists are looked at.
    """
    data = record["data"]
    known, lists = _known_of(model)
    unknown: list[Path] = []
    if not _ENVELOPE_FIELDS.issuperset(record):
        unknown += [(name,) for name in record if name not in _ENVELOPE_FIELDS]
    if not known.issuperset(data):
        others = [name for name in data if name not in known and not model.takes(data[name])]
        unknown += [("data", name) for name in others]
    for name, entry_known in lists:
        for place, entry in enumerate(data.get(name, ())):
            if not entry_known.issuperset(entry):
                others = [each for each in entry if each not in entry_known]
                unknown += [("data", name, place, each) for each in others]
    return unknown
