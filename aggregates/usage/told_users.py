"""What is told of an account's users: who is one, who comes how often, and to which features."""

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from aggregates.contributions.steps import StepFunction
from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Share, Table, Teller, Told
from aggregates.time.tile import edge_ms
from aggregates.usage.days import union_of
from aggregates.usage.family import DAYS
from aggregates.usage.membership import first_seen, membership
from aggregates.usage.seats import SEATS, seats_of
from aggregates.usage.users import ANY, USERS, User, active_parts, is_internal

_HEADS: Final = ("user", "state", "last active", f"active days of {DAYS}", "features")

_FEATURES_MAX: Final = 5


class _Person(NamedTuple):
    """A person: when it is a user, its active days, and those of features."""

    member: StepFunction[bool]
    days: Sequence[int]
    features: dict[str, "array[int]"]
    internal: bool


def _take(account: AccountRows, scope: Scope) -> Told:
    calendar = scope.calendar
    people = dict(account.each(USERS, "told", lambda users: _person(users, scope)))
    row = account.of(SEATS).get("")
    seats = None if row is None else seats_of(row)

    def told(edge: int) -> Table | None:
        month = calendar.day_start(calendar.day_of(edge - 1) - DAYS + 1)
        rows: list[tuple[int, str, list[Cell]]] = []
        used: Counter[str] = Counter()
        members = active = 0
        for name, person in people.items():
            days = [tile for tile in person.days if tile < edge]
            lately = sum(tile >= month for tile in days)
            own = [each for each, tiles in person.features.items() if _lately(tiles, month, edge)]
            is_user = person.member.since(edge).initial
            if not (days or is_user or person.member.before(edge)):
                continue
            if not person.internal:
                members, active = members + is_user, active + bool(lately)
                used.update(own)
            state = "internal" if person.internal else ("user" if is_user else "no user any more")
            last = None if not days else Instant(edge_ms(days[-1]))
            cells: list[Cell] = [name, state, last, lately, len(own)]
            rows.append((days[-1] if days else -1, name, cells))
        licensed = None if seats is None else seats.since(edge).initial
        if not rows and not licensed:
            return None
        facts: list[tuple[str, Cell]] = [("Users", members), (f"Active in {DAYS} days", active)]
        if licensed is not None:
            facts.append(("Active users of seats", Share(active, licensed)))
        most = sorted(used.items(), key=lambda each: (-each[1], each[0]))[:_FEATURES_MAX]
        facts += [(name, Share(count, active)) for name, count in most]
        rows.sort(key=lambda each: each[:2], reverse=True)
        return Table("users", "Users", facts, _HEADS, [cells for *_, cells in rows])

    return told


def _person(users: Sequence[User], scope: Scope) -> _Person:
    parts = active_parts(users, scope.policy)
    features: dict[str, array[int]] = {}
    for user in users:
        for name, tiles in user.days.items():
            if name != ANY:
                features.setdefault(name, array("I")).extend(tiles)
    return _Person(
        membership(users, first_seen(users), scope.policy),
        union_of(parts, scope.calendar) if parts else (),
        features,
        is_internal(users),
    )


def _lately(tiles: Sequence[int], begin: int, end: int) -> bool:
    return any(begin <= tile < end for tile in tiles)


TELLER: Final = Teller(3, _take)
