"""What reads a field's value from a row, made of the mapping's table for it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

from events.sources.csv_rows.clock_time import instants, is_format
from events.sources.csv_rows.field import EventField, Kind
from events.sources.csv_rows.mapping import Cell, Column, Mapping, MappingError, unknown
from events.sources.csv_rows.number import Number, minor_units, numbers, whole_number
from events.sources.source import GapError
from events.zone import UnknownZoneError, zone

Row = Sequence[str]
"""The cells of a row, stripped."""

Reader = Callable[[Row], Any]
"""Returns a value of a row, None if its cell is empty; raises ``GapError``."""

Place = Callable[[Column], int]
"""Returns the place of a column in the rows, from 0 on; raises ``MappingError``."""

_KEYS: Final[dict[Kind, frozenset[str]]] = {
    "instant": frozenset({"format", "timezone", "inclusive"}),
    "amount": frozenset({"unit", "currency", "times", "strip"}),
    "whole": frozenset({"strip"}),
    "number": frozenset({"strip"}),
    "text": frozenset({"suffix"}),
    "texts": frozenset({"split"}),
}
"""What a table may say beside `column`, `value` and `map`, by the kind of the field."""

_FLAGS: Final = {"true": True, "false": False}

_PLAIN: Final = frozenset({"column", "value", "map"})


class Readers:
    """Makes the readers of one file."""

    def __init__(self, mapping: Mapping, place: Place) -> None:
        """Takes how the file is written, and where its columns are."""
        self._mapping = mapping
        self._place = place
        self._number = numbers(mapping.decimal, mapping.thousands)

    def of(self, field: EventField, cell: Cell, currency: Reader | None = None) -> Reader:
        """Returns the reader of a field.

        Args:
            field: The field.
            cell: What the mapping says of it.
            currency: Reads the currency that stands beside an amount.

        Raises:
            MappingError: If the table does not suit the field, or names no column of the file.
        """
        alien = cell.model_fields_set - _PLAIN - _KEYS.get(field.kind, frozenset())
        if alien:
            raise MappingError(f"{field.name}: {min(alien)} is not for a field of this kind")
        for value in cell.map.values() if cell.value is None else [cell.value]:
            if field.choices and value not in field.choices:
                raise unknown(f"{field.name}", value, field.choices)
        if cell.value is not None:
            return self._constant(field, cell)
        assert cell.column is not None
        at, place = self._place(cell.column), f"column {cell.column!r}"
        convert = self._convert(field, cell, place)
        if field.kind == "amount":
            convert = self._amount(field, cell, currency)
        return _mapped(at, place, field, cell.map, convert)

    def _constant(self, field: EventField, cell: Cell) -> Reader:
        value = cell.value
        if field.kind == "instant":
            text = value.isoformat() if isinstance(value, datetime | date) else str(value)
            try:
                value = self._instants(cell, field.name)(text)
            except GapError as gap:
                raise MappingError(f"{field.name}: {gap.needs}") from gap
        return lambda row: value

    def _convert(self, field: EventField, cell: Cell, place: str) -> Callable[[str, Row], Any]:
        """Returns what makes a value of a cell's text."""
        number, strip = self._number, cell.strip
        match field.kind:
            case "instant":
                read = self._instants(cell, place)
                return lambda text, row: read(text)
            case "whole":
                return lambda text, row: whole_number(number(text.strip(strip), place), place)
            case "number":
                return lambda text, row: _plain(number(text.strip(strip), place))
            case "flag":
                return lambda text, row: _chosen(text, _FLAGS, place)
            case "choice":
                choices = {each: each for each in field.choices}
                return lambda text, row: _chosen(text, choices, place)
            case "texts":
                sign = cell.split
                return lambda text, row: _parts(text, sign)
        suffix = cell.suffix
        return lambda text, row: text + suffix

    def _instants(self, cell: Cell, place: str) -> Callable[[str], str]:
        name = cell.timezone or self._mapping.timezone
        try:
            rules = None if name is None else zone(name)
        except UnknownZoneError as error:
            raise MappingError(f"{place}: {error}") from error
        form = cell.format or self._mapping.time_format
        if cell.value is not None:
            form = None
        if form is not None and not is_format(form):
            raise MappingError(
                f"{place}: {form!r} is no format of times here: give codes, as '%d.%m.%Y'"
            )
        return instants(place, form, rules, inclusive=cell.inclusive)

    def _amount(
        self, field: EventField, cell: Cell, currency: Reader | None
    ) -> Callable[[str, Row], int]:
        """Returns what reads an amount of money: in which unit it is, must be said."""
        place, number, strip = f"column {cell.column!r}", self._number, cell.strip
        if cell.unit is None:
            raise MappingError(f'{field.name}: say unit = "major" (49.00) or "minor" (4900)')
        code = cell.currency
        if code is not None:
            currency = lambda row: code  # noqa: E731
        if cell.unit == "major" and currency is None:
            raise MappingError(f"{field.name}: needs its currency")
        factor = None if cell.times is None else self._place(cell.times)

        def read(text: str, row: Row) -> int:
            amount = number(text.strip(strip), place)
            if factor is not None:
                amount = amount.times(number(row[factor], f"column {cell.times!r}"))
            if cell.unit == "minor":
                return whole_number(amount, place)
            found = None if currency is None else currency(row)
            if not isinstance(found, str):
                raise GapError("currency_unknown", f"{place}: a currency")
            return minor_units(amount, found, place)

        return read


def _mapped(
    at: int, place: str, field: EventField, told: dict[str, Any], convert: Callable[[str, Row], Any]
) -> Reader:
    """Returns the reader of a column: what the map says first, and of empty cells nothing else."""
    strict = bool(told.keys() - {""}) and field.kind == "text"

    def read(row: Row) -> Any:
        text = row[at]
        if text in told:
            return told[text]
        if not text:
            return None
        if strict:
            raise GapError("unknown_value", f"{place}: what {text!r} is, in the map")
        return convert(text, row)

    return read


def _chosen(text: str, choices: dict[str, Any], place: str) -> Any:
    found = choices.get(text.lower())
    if found is None:
        raise GapError("unknown_value", f"{place}: which of {', '.join(choices)} {text!r} is")
    return found


def _parts(text: str, sign: str | None) -> list[str]:
    parts = [text] if sign is None else text.split(sign)
    return [part.strip() for part in parts if part.strip()]


def _plain(number: Number) -> int | float:
    """Returns a number as JSON has it, as near as its digits say."""
    whole = number.shifted(0)
    return whole if whole is not None else float(f"{number.whole}e-{number.decimals}")
