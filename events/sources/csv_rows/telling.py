"""What rows tell: the mapping's rules, made ready for the columns of one file."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from events.registry import ATTRIBUTE_TYPES, EVENT_TYPES
from events.sources.csv_rows.field import EventField, fields_of, needed
from events.sources.csv_rows.mapping import Cell, Condition, Mapping, MappingError, Rule, unknown
from events.sources.csv_rows.reader import Place, Reader, Readers, Row
from events.sources.source import GapError
from events.sources.told import Told

Account = Callable[[str], str]
"""Returns our account of one of theirs."""

_INSTANT: Final = EventField("time", "instant", required=True)
_DIGEST_BYTES: Final = 16
_encode: Final = msgspec.json.Encoder().encode


class Telling:
    """The rules for one file.

    Attributes:
        seen: What was told of rows whose ids follow from that, and how often.
    """

    def __init__(self, mapping: Mapping, source: str, account: Account, place: Place) -> None:
        """Makes the rules ready.

        Args:
            mapping: The mapping.
            source: What the events say as their source.
            account: Which of our accounts theirs are.
            place: Where each column is.

        Raises:
            MappingError: If the mapping asks for what there is not.
        """
        readers = Readers(mapping, place)
        self._rules = [
            _Ready(rule, number, mapping.rows, readers, place)
            for number, rule in enumerate(mapping.rows)
        ]
        self._ignored = [_holds(each, place) for each in mapping.ignore]
        self._source = source
        self._account = account
        self._repeated = mapping.repeated
        self.seen: dict[bytes, int] = {}

    def ignores(self, row: Row) -> bool:
        """Returns whether the mapping says that a row tells nothing."""
        return any(holds(row) for holds in self._ignored)

    def events(self, row: Row) -> list[Told]:
        """Returns the events of a row; none if it was told before and that is the same fact.

        Raises:
            GapError: If it cannot be told exactly.
        """
        found = [rule.told(row, self._source, self._account) for rule in self._rules if rule(row)]
        if not found:
            raise GapError("no_rule", "a rule that takes such rows, or an entry under ignore")
        if all(event.id for event in found):
            return found
        digests = [_digest(event) for event in found]
        times = self._count(b"".join(digests))
        if times > 1 and self._repeated == "gap":
            raise GapError("row_repeated", "columns that tell its rows apart (id), or repeated")
        if times > 1 and self._repeated == "once":
            return []
        again = f"/{times}" if times > 1 else ""
        return [
            event if event.id else msgspec.structs.replace(event, id=f"{digest.hex()}{again}")
            for event, digest in zip(found, digests, strict=True)
        ]

    def _count(self, told: bytes) -> int:
        key = blake2b(told, digest_size=_DIGEST_BYTES).digest()
        self.seen[key] = times = self.seen.get(key, 0) + 1
        return times


class _Ready:
    """One rule, made ready for the columns of a file."""

    def __init__(
        self, rule: Rule, number: int, rules: Sequence[Rule], readers: Readers, place: Place
    ) -> None:
        self._type = rule.type
        self._where = f"rows {number + 1} ({rule.type})"
        alike = [each for each in rules[:number] if each.type == rule.type]
        self._suffix = f"/{rule.type}" + (f"/{len(alike) + 1}" if alike else "")
        try:
            if rule.type not in EVENT_TYPES:
                raise unknown("type", rule.type, EVENT_TYPES)
            self._conditions = [_holds(each, place) for each in rule.conditions]
            self._ids = [place(column) for column in rule.id_columns]
            self._time = readers.of(_INSTANT, rule.time)
            self._subject = _text(readers, "subject", rule.subject)
            self._sequence = _text(readers, "sequence", rule.sequence)
            model = EVENT_TYPES[rule.type].model
            self._fields = _object(
                readers,
                fields_of(model),
                rule.fields,
                needed(model, has_subject=rule.subject is not None),
            )
            if rule.attributes and rule.type not in ATTRIBUTE_TYPES:
                raise MappingError(f"attributes are for {', '.join(sorted(ATTRIBUTE_TYPES))}")
            self._fields.own = {
                name: readers.of(EventField(name, "text"), cell)
                for name, cell in rule.attributes.items()
            }
        except MappingError as error:
            raise MappingError(f"{self._where}: {error}") from error

    def __call__(self, row: Row) -> bool:
        return all(holds(row) for holds in self._conditions)

    def told(self, row: Row, source: str, account: Account) -> Told:
        """Returns what a row tells; without an id, if that follows from the rest."""
        time = self._time(row)
        if time is None:
            raise GapError("empty_cell", f"{self._where}: time")
        data = self._fields.of(row, self._where)
        for name in data:
            if name.endswith("account_id"):
                data[name] = account(data[name])
        return Told(
            id=self._id(row),
            source=source,
            type=self._type,
            time=time,
            subject=self._subject(row),
            sequence=self._sequence(row),
            data=data,
        )

    def _id(self, row: Row) -> str:
        cells = [row[at] for at in self._ids]
        if not all(cells):
            raise GapError("empty_cell", f"{self._where}: id")
        return "/".join(cells) + self._suffix if cells else ""


class _Object:
    """The readers of one object's fields.

    Attributes:
        own: The readers of attributes that no model declares.
    """

    def __init__(self, required: set[str]) -> None:
        self.required = required
        self.plain: dict[str, Reader] = {}
        self.lists: dict[str, list[_Object]] = {}
        self.own: dict[str, Reader] = {}
        self.columns: set[str] = set()

    def of(self, row: Row, where: str) -> dict[str, Any]:
        """Returns the object that a row tells, without what its cells leave out."""
        found: dict[str, Any] = {}
        for name, read in self.plain.items():
            value = read(row)
            if value is not None:
                found[name] = value
            elif name in self.required:
                raise GapError("empty_cell", f"{where}: {name}")
        for name, entries in self.lists.items():
            objects = [entry.of(row, where) for entry in entries]
            pairs = zip(entries, objects, strict=True)
            found[name] = [each for entry, each in pairs if entry.is_told(each)]
        for name, read in self.own.items():
            value = read(row)
            if value is not None:
                found[name] = value
        return found

    def is_told(self, found: dict[str, Any]) -> bool:
        """Returns whether an object in a list is there: of constants alone none is made."""
        return not self.columns or not self.columns.isdisjoint(found)


def _object(
    readers: Readers, fields: dict[str, EventField], told: dict[str, Any], required: set[str]
) -> _Object:
    for name in told:
        if name not in fields:
            raise unknown("field", name, fields)
    missing = sorted(required - told.keys())
    if missing:
        raise MappingError(f"{', '.join(missing)}: needed, and not in the mapping")
    made = _Object(required)
    currency: Reader | None = None
    for name in sorted(told, key=lambda each: each != "currency"):  # which amounts ask for
        field = fields[name]
        if field.model is not None:
            model = field.model
            made.lists[name] = [
                _object(readers, fields_of(model), entry, needed(model, has_subject=False))
                for entry in _tables(name, told[name])
            ]
            continue
        cell = _cell(name, told[name])
        made.plain[name] = readers.of(field, cell, currency)
        if cell.column is not None:
            made.columns.add(name)
        if name == "currency":
            currency = made.plain[name]
    made.plain = {name: made.plain[name] for name in told if name in made.plain}
    return made


def _tables(name: str, given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise MappingError(f"{name}: a list of tables, [[rows.fields.{name}]]")
    return given


def _cell(name: str, given: Any) -> Cell:
    try:
        return Cell.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, (name, *first["loc"])))
        raise MappingError(f"{where}: {first['msg']}") from error


def _text(readers: Readers, name: str, cell: Cell | None) -> Reader:
    if cell is None:
        return lambda row: None
    return readers.of(EventField(name, "text"), cell)


def _holds(condition: Condition, place: Place) -> Callable[[Row], bool]:
    """Returns whether a condition holds for a row."""
    at = place(condition.column)
    if condition.empty is not None:
        empty = condition.empty
        return lambda row: (not row[at]) == empty
    equals = condition.equals is not None
    given = condition.equals if equals else condition.differs_from
    texts = {given} if isinstance(given, str) else set(given or ())
    return lambda row: (row[at] in texts) == equals


def _digest(event: Told) -> bytes:
    """Returns what an event is, in few bytes: the same for the same content."""
    content = [event.type, event.time, event.subject, event.sequence, event.data]
    return blake2b(_encode(content), digest_size=_DIGEST_BYTES).digest()
