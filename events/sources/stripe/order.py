"""The order of what one second changed in one subscription.

Events have whole seconds and no counter, and come in any order. But a change tells the old values
of what it changed: the state before one is the state after another, and so they form a chain. The
last of the chain is told once more, as `ID/N` with the sequence N: it stands, whatever the order of
those before it, which last no time. So an event by itself has the same bytes whether others of
that second are in the file or not, and another import of them all tells nothing twice. N is how
many came before it, so that of two imports the one that knows more has the last word.
"""

from collections import Counter
from itertools import islice
from typing import Any, Final

import msgspec

from events.sources.records import Record
from events.sources.source import GapError
from events.sources.stripe.objects import Subscription, id_of
from events.sources.stripe.subscription import CREATED, Change, term_of
from events.sources.told import Told

_NOTHING: Final = b""

SEEN_MAX: Final = 100_000
"""Changes that are remembered where records never end, some 100 MB: those of one second come within
minutes of each other, or within days where sending them failed."""

_plain: Final = msgspec.msgpack.Encoder()
_unpack: Final = msgspec.msgpack.Decoder(Change).decode
"""Changes are kept packed: a fifth of what they take as objects."""

_alike: Final = msgspec.msgpack.Encoder(order="deterministic")
"""Of equal states it makes equal bytes, in whatever order the parts of a pause are told."""


Second = tuple[str, str, int]
"""A second of a subscription: the source, the subscription, seconds of the epoch."""


class Held(msgspec.Struct, gc=False):
    """A record whose place among others of its second is not known yet."""

    record: Record
    told: list[Told]


class Step(msgspec.Struct, gc=False):
    """A change as the step from one state to another.

    Attributes:
        type: The event's type.
        before: The state that it was made to; None if it does not say.
        after: The state that it made.
        packed: The change.
    """

    type: str
    before: bytes | None
    after: bytes
    packed: bytes


def _pack(value: Any, packer: msgspec.msgpack.Encoder = _plain) -> bytes:
    try:
        return packer.encode(value)
    except OverflowError as error:
        raise GapError("shape_unknown", "numbers of 64 bits") from error


class Seconds:
    """The changes of each second of each subscription."""

    def __init__(self) -> None:
        """Begins empty."""
        self._first: dict[Second, bytes] = {}
        self._steps: dict[Second, dict[str, Step]] = {}
        self._held: dict[Second, list[Held]] = {}

    def begin(self, change: Change) -> bool:
        """Takes a change if it is the first of its second, as nearly all are; returns if it was."""
        key = _second_of(change)
        if key in self._first:
            return False
        self._first[key] = _pack(change)
        return True

    def add(self, change: Change, held: Held) -> tuple[list[Held], tuple[Change, int] | None]:
        """Takes a change that is not the first of its second, with what it tells.

        Returns:
            The records that can be told now, and the change that is to be told once more with its
            place; none if there is nothing but the same again.
        """
        key = _second_of(change)
        steps = self._steps.get(key)
        if steps is None:
            first = _unpack(self._first[key])
            steps = self._steps[key] = {first.id: _step(first, self._first[key])}
        is_again = change.id in steps
        if is_again and change.id == next(iter(steps)):  # it was told before there was a tie
            return [held], None
        if not is_again:
            steps[change.id] = _step(change, _pack(change))
        waiting = [*self._held.pop(key, ()), held]
        states = {step.after for step in steps.values() if step.type != CREATED}
        if len(states) < 2:  # a creation is before an update by its type
            return waiting, None
        last = _last(steps)
        if last is None:
            self._held[key] = waiting
            return [], None
        return waiting, None if is_again else (_unpack(last.packed), len(steps) - 1)

    def prune(self) -> None:
        """Lets go of the changes that came first, where there are too many."""
        for key in list(islice(self._first, max(len(self._first) - SEEN_MAX, 0))):
            del self._first[key]
            self._steps.pop(key, None)

    def rest(self) -> list[Held]:
        """Returns the records whose place was never known."""
        held, self._held = self._held, {}
        return [each for waiting in held.values() for each in waiting]


def _second_of(change: Change) -> Second:
    return change.source, change.sub.id, change.created


def _step(change: Change, packed: bytes) -> Step:
    before, after = _state_before(change), _told_state(change.sub)
    return Step(change.type, before, after, packed)


def _last(steps: dict[str, Step]) -> Step | None:
    """Returns the change after which no other came, or None if that is not known.

    States are the stops and changes the ways of one journey: each stop is left as often as it is
    reached, but for the first and the last. A creation comes from nothing. A journey that ends
    where it began has no end to be seen, and one with parts missing has several.
    """
    reached: Counter[bytes] = Counter()
    for step in steps.values():
        if step.before is not None and step.before != step.after:
            reached[step.after] += 1
            reached[step.before] -= 1
    last = [state for state, times in reached.items() if times > 0]
    if sum(map(abs, reached.values())) != 2 or not last:
        return None
    if not all(step.after in reached for step in steps.values()):
        return None
    return steps[min(name for name, step in steps.items() if step.after == last[0])]


def _state_before(change: Change) -> bytes | None:
    """Returns the state that a change was made to; None if it does not say."""
    if change.type == CREATED:
        return _NOTHING
    if change.before is None:
        return None
    changed: dict[str, Any] = {
        name: _merged(getattr(change.sub, name), value)
        for name, value in msgspec.structs.asdict(change.before).items()
        if value is not msgspec.UNSET
    }
    return _told_state(msgspec.structs.replace(change.sub, **changed))


def _merged(new: Any, old: Any) -> Any:
    """Returns the value before: of an object, only the parts that changed are told."""
    if isinstance(new, dict) and isinstance(old, dict):
        return new | {name: _merged(new.get(name), value) for name, value in old.items()}
    return old


def _told_state(sub: Subscription) -> bytes:
    """Returns what is told of a state, alike for all shapes of events."""
    items = [
        (item.id, item.price, item.quantity, list(map(id_of, item.discounts or ())))
        for item in sub.items.data
    ]
    named = sub.discounts or ([sub.discount] if sub.discount else [])
    begin, end = term_of(sub)
    return _pack(
        (
            sub.status,
            sorted(items, key=lambda item: item[0]),
            list(map(id_of, named)),
            (begin, end, sub.cancel_at or (sub.cancel_at_period_end and end) or None),
            (sub.trial_start, sub.trial_end) if sub.status == "trialing" else None,
            sub.pause_collection,
            sub.status_details,
        ),
        _alike,
    )
