"""Memos: what was computed from the rows of an account, until one of them changes.

A derived kind reads all rows of several kinds, and most changes are of one row. So a part of what
it computes is kept with the name of the kind whose rows it is of, or with the unit of rows.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

V = TypeVar("V")
V_contra = TypeVar("V_contra", contravariant=True)


class Follower(Protocol[V_contra]):
    """What is made of all units of a kind together, and follows each of them."""

    def exchange(self, old: V_contra | None, new: V_contra | None) -> None:
        """Takes what was computed of a unit, None if nothing, in place of what was before."""


class Each(Generic[V]):
    """What is computed of each unit of a kind.

    Attributes:
        given: What else it is computed from.
        follower: Follows it, if anything does.
        values: By unit.
        stale: The units to look at again; None for all.
    """

    def __init__(self, given: object, follower: Follower[V] | None) -> None:
        self.given = given
        self.follower = follower
        self.values: dict[str, V] = {}
        self.stale: set[str] | None = None

    def put(self, unit: str, value: V | None) -> None:
        """Takes what is computed of a unit; None if it is none any more, or says nothing."""
        old = self.values.pop(unit, None) if value is None else self.values.get(unit)
        if value is not None:
            self.values[unit] = value
        if self.follower is not None:
            self.follower.exchange(old, value)


class Memo:
    """What one derived kind keeps of one account.

    Attributes:
        last: What was made last, by name; who keeps something here sees to it that it still holds.
    """

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}
        self._whole: dict[str, Any] = {}
        self._read: dict[str, set[str]] = {}
        self._each: dict[str, dict[str, Each[Any]]] = {}

    def once(self, name: str, kinds: Iterable[str], compute: Callable[[], V]) -> V:
        """Returns what was computed under a name, anew if a row of one of the kinds changed."""
        if name not in self._whole:
            self._whole[name] = compute()
            for kind in kinds:
                self._read.setdefault(kind, set()).add(name)
        value: V = self._whole[name]
        return value

    def each(
        self,
        name: str,
        kind: str,
        given: object = None,
        follower: Callable[[], Follower[Any]] | None = None,
    ) -> Each[Any]:
        """Returns what was computed under a name of units of a kind; new if ``given`` changed."""
        known = self._each.setdefault(kind, {})
        found = known.get(name)
        if found is None or found.given != given:
            found = known[name] = Each(given, None if follower is None else follower())
        return found

    def forget(self, kind: str, unit: str | None = None) -> None:
        """Forgets what is of a kind: of all of its units, or of one alone."""
        for name in self._read.pop(kind, ()):
            self._whole.pop(name, None)
        if unit is None:
            self._each.pop(kind, None)
            return
        for each in self._each.get(kind, {}).values():
            if each.stale is not None:
                each.stale.add(unit)
