"""Counting the fields of a record that no model knows. They are ignored, but not unseen."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from events.envelope import Envelope, EventData, Model

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


def count_unknown_fields(record: Mapping[str, Any], model: type[EventData]) -> int:
    """Count the fields that are unknown in a parsed event, whose data is of a model.

    Those of the envelope, of the data, and of the entries of the data's lists are counted.
    """
    data = record["data"]
    known, lists = _known_of(model)
    unknown = 0
    if not _ENVELOPE_FIELDS.issuperset(record):
        unknown += len(record.keys() - _ENVELOPE_FIELDS)
    if not known.issuperset(data):
        unknown += sum(not model.takes(data[name]) for name in data.keys() - known)
    for name, entry_known in lists:
        for entry in data.get(name, ()):
            if not entry_known.issuperset(entry):
                unknown += len(entry.keys() - entry_known)
    return unknown
