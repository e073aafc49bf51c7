"""The mapping: which columns of a CSV export become which fields of which events."""

import codecs
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from events.errors import TidemarkError
from events.sources.options import Options

Column = str | int
"""A column's name in the header, or its place in it, from 1 on."""

_SIGNS: Final = '\r\n,;\t|"0123456789'
"""What a file is cut by: an encoding must write it as ASCII does."""


class MappingError(TidemarkError):
    """The mapping asks for what there is not, or does not fit the file."""


def unknown(what: str, name: object, known: Iterable[object]) -> MappingError:
    """Returns the error of a name that there is not; it says which there are.

    >>> print(unknown("column", "Scor", ["Id", "Score"]))
    there is no column 'Scor'; did you mean 'Score'? There are: 'Id', 'Score'
    """
    names = [str(each) for each in known]
    lower = {each.lower(): each for each in reversed(names)}
    near = get_close_matches(str(name).lower(), lower, 1)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else "."
    return MappingError(
        f"there is no {what} {str(name)!r}{hint} There are: {', '.join(map(repr, names))}"
    )


class _Table(BaseModel):
    """A table of the mapping."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(_Table):
    """Where a value comes from: a column or a constant, and how it is written there.

    A text in place of the table is the name of a column.
    """

    column: Column | None = None
    """The column."""
    value: Any = None
    """The same value for all rows, in place of a column."""
    map: dict[str, Any] = Field(default_factory=dict)
    """What cells stand for, by their text; the empty text is an empty cell."""
    format: str | None = None
    """How a time is written: `unix`, `unix_ms` or codes of strptime, such as `%d.%m.%Y %H:%M`."""
    timezone: str | None = None
    """IANA zone of a time without an offset."""
    inclusive: bool = False
    """Of a day that is the last one of something: the start of the day after is told."""
    unit: Literal["major", "minor"] | None = None
    """Of an amount: `major` is 49.00, `minor` is 4900."""
    currency: str | None = None
    """Of an amount in major units without a field `currency` beside it."""
    times: Column | None = None
    """A column with a number that an amount is multiplied with, such as a quantity."""
    strip: str = ""
    """Characters that are taken off both ends of a number, such as `$`."""
    split: str | None = None
    """What stands between the entries of a list."""
    suffix: str = ""
    """What is put at the end of a text, such as an id that another source tells longer."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("a table needs either a column or a value")
        return self


class Condition(_Table):
    """Which rows are meant, by a cell."""

    column: Column
    """The column."""
    equals: str | tuple[str, ...] | None = None
    """The cell is this text, or one of these."""
    differs_from: str | tuple[str, ...] | None = None
    """The cell is none of these texts."""
    empty: bool | None = None
    """The cell is empty, or is not."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.equals, self.differs_from, self.empty].count(None) != 2:
            raise ValueError("a condition needs one of equals, differs_from and empty")
        return self


class Rule(_Table):
    """One event that a row tells."""

    type: str
    """The type of the event."""
    time: Cell
    """When it happened."""
    id: Column | tuple[Column, ...] | None = None
    """Columns that tell rows apart; left out, the id follows from what is told."""
    when: Condition | tuple[Condition, ...] = ()
    """The rows that tell it, if not all; several conditions must all hold."""
    subject: Cell | None = None
    """The envelope's subject."""
    sequence: Cell | None = None
    """The order of facts of one instant."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """By field of the event, where it comes from; a list of tables for a list of objects."""
    attributes: dict[str, Cell] = Field(default_factory=dict)
    """By name, attributes of your own, of `account.created` and `account.updated`."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions."""
        return self.when if isinstance(self.when, tuple) else (self.when,)

    @property
    def id_columns(self) -> tuple[Column, ...]:
        """The columns that make the id; none if it follows from what is told."""
        if self.id is None:
            return ()
        return self.id if isinstance(self.id, tuple) else (self.id,)


class Mapping(Options):
    """The options of the source `csv`: how the file is written, and what its rows tell."""

    encoding: str = "utf-8"
    """How text is written, such as `windows-1252`."""
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    """What stands between cells; left out, that by which the header has the named columns."""
    decimal: Literal[".", ","] = "."
    """What begins the fraction of a number."""
    thousands: str = Field(default="", max_length=1)
    """What stands between groups of three digits; left out, there are no groups."""
    empty: tuple[str, ...] = ()
    """Text of a cell that is an empty one, such as `NULL` or `\\N` in exports of databases."""
    timezone: str | None = None
    """IANA zone of times without an offset; left out, such a time is a gap."""
    time_format: str | None = None
    """How times are written, if a field does not say; left out, as ISO 8601 has it."""
    repeated: Literal["gap", "once", "each"] = "gap"
    """What a row is that says the very same as one before it in the file, where no columns make the
    id: a gap, the same fact once more, or a fact of its own."""
    rows: tuple[Rule, ...] = Field(min_length=1)
    """The events that a row tells."""
    ignore: tuple[Condition, ...] = ()
    """Rows that tell nothing; a row that is not among them, and that no rule takes, is a gap."""

    @field_validator("encoding")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            written = _SIGNS.encode(codecs.lookup(name).name)
        except (LookupError, UnicodeError, ValueError) as error:
            raise ValueError(f"there is no encoding {name!r}") from error
        if written != _SIGNS.encode("ascii"):
            raise ValueError(f"{name} is not read here: convert the file to UTF-8")
        return name

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.thousands == self.decimal or self.thousands in tuple("+-0123456789"):
            raise ValueError(f"numbers cannot have {self.thousands!r} between thousands")
        return self
