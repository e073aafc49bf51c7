"""Records as structs have read them, with their instants and places: runs, and groups of a type."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

from events.instants import parse_instants
from events.records import Record

Found = tuple[Any, int | None, int]
"""What a struct made of a record, its `time` in ms unless that is none, and the record's place.

The first is None for a record that is left to the models.
"""


def found_of(records: Sequence[Any]) -> list[Found]:
    """Returns a run of records with their instants and places."""
    read = parse_instants([each.time for each in records if each is not None])
    if len(read) < len(records):
        rest = iter(read)
        read = [None if each is None else next(rest) for each in records]
    return list(zip(records, read, range(len(records)), strict=True))


def alike(found: Iterable[Found]) -> Iterable[list[Found]]:
    """Returns what was found by type; what is left to the models is a group of its own."""
    groups: dict[type, list[Found]] = {}
    for each in found:
        groups.setdefault(type(each[0]), []).append(each)
    return groups.values()


def finished(group: Sequence[Found]) -> tuple[list[Set[str]], set[int]]:
    """Gives the data of records of one type the model's values; returns what ``Form.finish`` does.

    Places are those in the group.
    """
    records: list[Record[Any]] = [record for record, _, _ in group]
    return records[0].form.finish([r.data for r in records], [r.subject for r in records])
