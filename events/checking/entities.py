"""What only all events together say of the things they are about: created, priced, whose.

It holds a little for each ticket, subscription, task and answer, whatever many events these have.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from events.checking.findings import Finding
from events.event import Event
from events.registry import EVENT_TYPES

_CREATION: Final = ".created"

_OBJECTS: Final = {
    name.removesuffix(_CREATION): kind.model.ENTITY
    for name, kind in EVENT_TYPES.items()
    if name.endswith(_CREATION) and kind.model.ENTITY not in (None, "account_id")
}
"""The things that are created, with the field that names them: tickets and the like."""

_SHARED: Final = frozenset({"ticket.major_declared", "ticket.major_resolved"})
"""Types told of one thing under each account that it concerns."""

_PAID: Final = frozenset({"active", "past_due"})
_NO_ACCOUNT: Final = "no account"

Thing = tuple[str, str]
"""What it is, such as `ticket`, and its id."""


class Place(NamedTuple):
    """Where an event stands: source, number in it, and the event's id and type."""

    name: str
    number: int
    id: str
    type: str

    def __str__(self) -> str:
        return f"{self.name}:{self.number}" if self.number else self.name


class Entities:
    """Things by id, and what is odd about them."""

    def __init__(self) -> None:
        """Begins with none."""
        self._accounts: dict[Thing, str] = {}
        self._created: set[Thing] = set()
        self._changed: dict[Thing, Place] = {}
        self._elsewhere: dict[Thing, tuple[str, Place]] = {}
        self._moved: set[Thing] = set()
        self._merged: set[str] = set()
        self._priced: set[str] = set()
        self._unpriced: dict[str, Place] = {}

    def take(self, event: Event, place: Place) -> None:
        """Takes an event."""
        kind, _, verb = event.type.partition(".")
        data: Any = event.data
        if event.type == "account.merged":
            self._merged |= {data.account_id, data.into_account_id}
        named_by = _OBJECTS.get(kind)
        if named_by is None:
            return
        thing = kind, getattr(data, named_by)
        if getattr(data, "into_account_id", None) is not None:
            self._moved.add(thing)
        account = event.account_id or _NO_ACCOUNT
        if event.type not in _SHARED and self._accounts.setdefault(thing, account) != account:
            self._elsewhere.setdefault(thing, (account, place))
        if verb == "created":
            self._created.add(thing)
            self._changed.pop(thing, None)
        elif thing not in self._created:
            self._changed.setdefault(thing, place)
        if hasattr(data, "items"):
            self._price(thing[1], event, place)

    def _price(self, subscription: str, event: Event, place: Place) -> None:
        data: Any = event.data
        if data.items:
            self._priced.add(subscription)
        if not data.items and data.status in _PAID and event.type != "subscription.paused":
            if "items" in event.told:  # said to be none, which is more than left out
                self._priced.discard(subscription)
            self._unpriced.setdefault(subscription, place)

    def findings(self) -> Iterator[Finding]:
        """Yields what is odd, now that all events are known."""
        for (kind, name), place in self._changed.items():
            says = f"changes of a {kind} that is never created"
            yield _finding("never_created", says, place, _OBJECTS[kind], name)
        for thing, (account, place) in self._elsewhere.items():
            if thing in self._moved or {account, self._accounts[thing]} <= self._merged:
                continue
            found = _finding(
                "two_accounts",
                f"a {thing[0]} under two accounts, with no event that moves it",
                place,
                _OBJECTS[thing[0]],
                thing[1],
            )
            found.suggestion = f"here under {account}, before under {self._accounts[thing]}"
            yield found
        for name, place in self._unpriced.items():
            if name not in self._priced:
                says = "active, without any item that has a price"
                yield _finding("without_price", says, place, "subscription_id", name)


def _finding(kind: str, says: str, place: Place, field: str | None, name: str) -> Finding:
    return Finding(
        kind=kind,
        says=says,
        place=str(place),
        type=place.type,
        field=f"data.{field}",
        found=f'"{name}"',
        id=place.id,
    )
