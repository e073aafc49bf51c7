"""The checker: lines of event files in, findings and a profile out.

Memory is bounded but for what is held of each account, ticket, subscription and the like.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from events.checking.entities import Entities, Place
from events.checking.findings import ABSENT, Finding, Findings, field_name, shown, value_at
from events.checking.foreign import TITLES, foreign_source
from events.checking.form import Form
from events.checking.kinds import KINDS
from events.checking.money import Money
from events.checking.profile import Profile
from events.checking.suggestion import for_unknown_field, nearest, suggestion_for
from events.codec import Decoder
from events.dialect import PLAIN, Dialect
from events.event import Batch, Event, Reject
from events.instant import format_instant, parse_instant
from events.records import HotEvent
from events.registry import EVENT_TYPES
from events.unknown_fields import unknown_fields
from events.upcasts import UPCASTS

AHEAD_MS: Final = 300_000
"""How far a producer's clock may be ahead of ours: five minutes."""

_EXTENSION: Final = re.compile(r"[a-z0-9]{1,20}")
"""Names that CloudEvents allows for attributes of extensions."""

_Event = Event | HotEvent[Any]


class Checker:
    """Checks records of one or several sources.

    Attributes:
        findings: What is wrong or looks wrong; complete after ``end``.
        profile: What there is.
    """

    def __init__(
        self, now_ms: int, dialect: Dialect = PLAIN, importable: Collection[str] = ()
    ) -> None:
        """Takes what records are measured by.

        Args:
            now_ms: The time at which it is checked, in ms of the epoch.
            dialect: How producers write events.
            importable: Names of the sources that ``tidemark import`` has.
        """
        self.findings = Findings()
        self.profile = Profile()
        self._latest_ms = now_ms + AHEAD_MS
        self._dialect = dialect
        self._importable = importable
        self._decoder = Decoder(dialect)
        self._entities = Entities()
        self._money = Money()

    def take(self, name: str, numbers: Sequence[int], values: Sequence[bytes]) -> None:
        """Checks records.

        Args:
            name: What their source is called.
            numbers: Where each stands in it: its line, from 1 on.
            values: The records.
        """
        batch = self._decoder.decode(values)
        self.profile.records += len(values)
        events: list[_Event] = [*batch.events, *batch.uses, *batch.sessions]
        rejects = {reject.index: reject for reject in batch.rejects}
        taken = {event.index for event in events}
        for index, value in enumerate(values):
            record = _parsed(value)
            place = Place(name, numbers[index], *self._names(record))
            if index in taken:
                self._fields(record, place)
            else:
                self._left_out(record, place, rejects.get(index))
        self._events(batch, events, name, numbers)

    def form(self, name: str, form: Form) -> None:
        """Takes a file that is no lines of JSON, and of which nothing is read."""
        source = foreign_source(form.first)
        if source is None and form.name in self._importable:
            source = form.name
        suggestion = form.remedy.replace("FILE", name) or None
        if source in self._importable:
            suggestion = f"tidemark import {source} {name}"
        says = f"it is {form.says}"
        if source in TITLES:
            says += f", and these look like {TITLES[source]}"
        self._add("not_ndjson", says, Place(name, 1, "", ""), suggestion=suggestion)

    def unreadable(self, name: str, says: str) -> None:
        """Takes a file that cannot be read, or not to its end."""
        self._add("unreadable", says, Place(name, 0, "", ""))

    def nothing(self, name: str) -> None:
        """Takes a file in which no line says anything."""
        self._add("no_events", KINDS["no_events"].means, Place(name, 0, "", ""))

    def refuse(self, name: str, number: int, value: bytes, reason: str, says: str) -> None:
        """Takes a record whose event cannot be folded with those before it.

        Args:
            name: What its source is called.
            number: Where it stands in it.
            value: The record.
            reason: Slug of the refusal, such as `conflict`.
            says: What is wrong, in words.
        """
        place = Place(name, number, *self._names(_parsed(value)))
        self.profile.taken -= 1
        if reason == "conflict":  # its words name the event, and equal ones are counted together
            says = KINDS[reason].means
        self._add(reason, says, place)

    def end(self) -> None:
        """Adds what only all records together say."""
        for finding in self._entities.findings():
            self.findings.add(finding)
        for finding, count in self._money.findings():
            self.findings.add(finding, count)

    def _names(self, record: Any) -> tuple[str, str]:
        """Returns id and type of a record, empty where it has none."""
        if not isinstance(record, dict):
            return "", ""
        found, kind = record.get("id"), record.get("type")
        name = self._dialect.name_of(kind) if isinstance(kind, str) else ""
        return found if isinstance(found, str) else "", name

    def _fields(self, record: Any, place: Place) -> None:
        """Looks for unknown fields in a record that is an event."""
        self.profile.types[place.type] += 1
        model = EVENT_TYPES[place.type].model
        schema = self._dialect.schema_of(record.get("dataschema"))
        data = UPCASTS.apply(place.type, schema, record["data"])
        for path in unknown_fields(record | {"data": data}, model):
            name, suggestion = field_name(path), for_unknown_field(path, model)
            found = shown(value_at(record, path))
            if len(path) == 1 and suggestion is None and _EXTENSION.fullmatch(name):
                self._add("extension", "it is not read", place, name)
            else:
                says = "it is not known, and what it says is not taken"
                self._add("unknown_field", says, place, name, found, suggestion)

    def _left_out(self, record: Any, place: Place, reject: Reject | None) -> None:
        """Says why a record is no event that is taken."""
        source = foreign_source(record)
        if source is not None:
            command = f"tidemark import {source}"
            known = source in self._importable
            hint = command if known else "no source reads them yet; tidemark import --help"
            says = f"these look like {TITLES[source]}"
            self._add(
                "foreign", says, Place(place.name, place.number, place.id, ""), None, None, hint
            )
            return
        self.profile.types[place.type or "none"] += 1
        if reject is not None:
            self._rejected(record, place, reject)
        elif place.type in EVENT_TYPES:
            self.profile.tests += 1
        else:
            near = nearest(place.type, EVENT_TYPES)
            suggestion = f"did you mean {near!r}?" if near else None
            found = shown(place.type)
            self._add("unknown_type", "no event has this type", place, "type", found, suggestion)

    def _rejected(self, record: Any, place: Place, reject: Reject) -> None:
        for violation in reject.violations:
            found = value_at(record, violation.path)
            beside = value_at(record, violation.path[:-1])
            beside = beside if isinstance(beside, Mapping) else {}
            suggestion = suggestion_for(violation, found, beside)
            field, text = field_name(violation.path), _text(found)
            self._add(reject.reason, violation.says, place, field, text, suggestion)
        if not reject.violations:
            self._add(reject.reason, reject.detail, place)

    def _events(
        self, batch: Batch, events: Sequence[_Event], name: str, numbers: Sequence[int]
    ) -> None:
        for event in events:
            time_ms = event.time_ms if isinstance(event, Event) else parse_instant(event.time)
            self.profile.take(event, time_ms)
            if time_ms > self._latest_ms:
                place = Place(name, numbers[event.index], event.id, event.type)
                says = f"it is after now, by more than {AHEAD_MS // 60_000} minutes"
                self._add("in_future", says, place, "time", shown(format_instant(time_ms)))
        for each in batch.events:
            place = Place(name, numbers[each.index], each.id, each.type)
            self._entities.take(each, place)
            self._money.take(each, place)

    def _add(
        self,
        kind: str,
        says: str,
        place: Place,
        field: str | None = None,
        found: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.findings.add(
            Finding(
                kind=kind,
                says=says,
                place=str(place),
                type=place.type or None,
                field=field,
                found=found,
                suggestion=suggestion,
                id=place.id or None,
            )
        )


_any: Final = msgspec.json.Decoder(float_hook=float)


def _parsed(value: bytes) -> Any:
    """Returns a record as JSON has it; ``ABSENT`` if it is none."""
    try:
        return _any.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ABSENT


def _text(found: Any) -> str | None:
    """Returns a value as it is shown; of an object or a list, which may be all of it, its kind."""
    if isinstance(found, dict | list):
        return "an object" if isinstance(found, dict) else "a list"
    return shown(found)
