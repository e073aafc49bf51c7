"""Guests: rows that are read under another account than the one whose events fill them.

An account that was merged into another hands all its rows on to it, whatever the kind; a ticket
that changed its account is handed on alone. Where a row arrives it is a guest: it is named by its
own id and the accounts that it came through. Of a row that stays, a part may be lent to other
accounts: that is a guest too, named by its part besides.
"""

from collections.abc import Sequence
from typing import Final

_SEPARATOR: Final = "\udcff"
"""Between the parts of a guest's name: no text that can be sent as UTF-8 holds it, so that no id is
taken for a guest."""


class Guest(str):
    """The name of a guest among the rows of an account.

    Attributes:
        own: The row's id at home.
        path: The accounts that it came through, its home first.
        part: What part of a row that stays it is; empty if it is a row that left.

    >>> guest = Guest.of("ticket_1", ["acct_1"])
    >>> Guest.of(guest, ["acct_2"]).path
    ('acct_1', 'acct_2')
    """

    own: str
    path: tuple[str, ...]
    part: str

    __slots__ = ("own", "part", "path")

    @classmethod
    def of(cls, entity: str, path: Sequence[str], part: str = "") -> "Guest":
        """Names the guest that a row, or a guest, is once it has gone on through more accounts.

        Args:
            entity: The row.
            path: The accounts.
            part: What part of the row goes, if it stays itself.
        """
        own, whole = entity, tuple(path)
        if isinstance(entity, Guest):
            own, whole, part = entity.own, (*entity.path, *path), entity.part
        names = (own, *whole) if not part else (own, *whole, "", part)
        guest = cls(_SEPARATOR.join(names))
        guest.own, guest.path, guest.part = own, whole, part
        return guest


def own_id(entity: str) -> str:
    """Returns the id that a row has at home."""
    return entity.own if isinstance(entity, Guest) else entity


def path_of(entity: str) -> tuple[str, ...]:
    """Returns the accounts that a row came through; none if it is at home."""
    return entity.path if isinstance(entity, Guest) else ()


def part_of(entity: str) -> str:
    """Returns what part of a row that stays another account was lent; empty if it is a row."""
    return entity.part if isinstance(entity, Guest) else ""
