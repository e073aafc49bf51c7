"""Told: what the rows of an account say of it, in tables for people, subject by subject.

A subject that has something to tell has modules with a ``TELLER``; each is found by being there, as
families are. What a teller takes from rows must not change with them: it is read later, elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows


class Money(NamedTuple):
    """An amount of the reporting currency, in micro-units."""

    micros: int


class Instant(NamedTuple):
    """An instant, in ms of the epoch."""

    at_ms: int


class Lasting(NamedTuple):
    """A length of time, in ms."""

    ms: int


class Share(NamedTuple):
    """A part of something, and the whole, which may be 0."""

    part: int
    whole: int


class Named(NamedTuple):
    """Several amounts of money, each with its name."""

    parts: tuple[tuple[str, Money], ...]


Cell: TypeAlias = str | int | float | Money | Instant | Lasting | Share | Named | None
"""What stands in a table: texts are ids and words of ours; None for nothing that is known."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is told of one subject.

    Attributes:
        name: Its name, a word.
        title: Its title for people.
        facts: What there is to say in short, each with its name.
        heads: The heads of the columns.
        rows: The rows, the newest first, or the one that matters most.
        note: What else to know; empty for nothing.
    """

    name: str
    title: str
    facts: Sequence[tuple[str, Cell]]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


Told: TypeAlias = Callable[[int], Table | None]
"""Returns what there is to tell as of a tile edge, in any thread; None if there is nothing."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells what the rows of an account say of one subject.

    Attributes:
        place: Its place among the others.
        take: Takes what it needs from the rows of an account.
    """

    place: int
    take: Callable[[AccountRows, Scope], Told]
