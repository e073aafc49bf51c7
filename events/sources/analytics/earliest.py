"""Of many acts that tell the same, the earliest, whatever the order in which they come."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from events.sources.analytics.act import Act

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Earliest(Generic[Key, Value]):
    """By key, the earliest act so far, with what belongs to it; each is taken out once.

    Where records never end, as at a gateway, it is told when it was new and never again.
    """

    def __init__(self) -> None:
        """Begins empty."""
        self._kept: dict[Key, tuple[Act, Value]] = {}
        self._new: dict[Key, None] = {}

    def keep(self, key: Key, act: Act, value: Value) -> tuple[Act, Value] | None:
        """Keeps an act if it is the earliest of its key; one that comes again is new again.

        Returns:
            The act that is not kept, or kept no longer, with what belongs to it; None at first.
        """
        kept = self._kept.get(key)
        if kept is not None and kept[0].order < act.order:
            return act, value
        self._kept[key] = act, value
        self._new[key] = None
        return kept

    def taken(self) -> Iterator[tuple[Key, Act, Value]]:
        """Yields what is new since it was last asked."""
        new, self._new = self._new, {}
        for key in new:
            yield key, *self._kept[key]
