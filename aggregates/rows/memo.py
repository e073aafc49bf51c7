"""Memos: what was computed from the rows of an account, until one of them changes.

A derived kind reads all rows of several kinds, and most changes are of one row. So a part of what
it computes is kept with the name of the kind whose rows it is of, or with the unit of rows.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

V = TypeVar("V")


class Memo:
    """What one derived kind keeps of one account.

    Attributes:
        last: What was made last, by name; who keeps something here sees to it that it still holds.
    """

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}
        self._whole: dict[str, Any] = {}
        self._read: dict[str, set[str]] = {}
        self._by_unit: dict[str, dict[str, dict[str, Any]]] = {}

    def once(self, name: str, kinds: Iterable[str], compute: Callable[[], V]) -> V:
        """Returns what was computed under a name, anew if a row of one of the kinds changed."""
        if name not in self._whole:
            self._whole[name] = compute()
            for kind in kinds:
                self._read.setdefault(kind, set()).add(name)
        value: V = self._whole[name]
        return value

    def units(self, name: str, kind: str) -> dict[str, Any]:
        """Returns what was computed under a name from units of a kind, by unit; to be added to."""
        return self._by_unit.setdefault(kind, {}).setdefault(name, {})

    def forget(self, kind: str, unit: str | None = None) -> None:
        """Forgets what is of a kind: of all of its units, or of one alone."""
        for name in self._read.pop(kind, ()):
            self._whole.pop(name, None)
        if unit is None:
            self._by_unit.pop(kind, None)
        elif (known := self._by_unit.get(kind)) is not None:
            for values in known.values():
                values.pop(unit, None)
