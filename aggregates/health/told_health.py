"""What is told of an account's health: its score, and the points and weight of each component."""

from collections.abc import Mapping
from typing import Final

from aggregates.contributions.steps import joined
from aggregates.health.bands import (
    Scored,
    scored_by,
    support_points,
    tracks,
    usage_points,
    weights_of,
)
from aggregates.health.score import CENTI, Components
from aggregates.health.support import SupportPoints
from aggregates.health.usage import UsagePoints
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Table, Teller, Told

_HEADS: Final = ("component", "points", "weight", "of the score", "why")

_COMMERCIAL: Final[Mapping[int | None, str]] = {
    0: "a payment is late",
    50: "it downgraded in 90 days, or a renewal is near and open",
    100: "it pays, and does not shrink",
}
_SENTIMENT: Final = "the latest answer to NPS or CSAT, as a share of its scale"
_OVERRIDDEN: Final = "Somebody set the score: it stands in place of the components until it ends."


def _take(account: AccountRows, scope: Scope) -> Told:
    subscriptions = account.of(SUBSCRIPTIONS).get("")
    if subscriptions is None or scope.account.internal:
        return lambda edge: None
    parts = list(tracks(account, subscriptions, scope))
    scores = joined(scored_by(scope), *parts)
    override = parts[1]
    usage, support = usage_points(account, scope), support_points(account, scope)
    weights = weights_of(scope)

    def told(edge: int) -> Table | None:
        found: Scored | None = scores.since(edge).initial
        if found is None:
            return None
        reasons = {
            "usage": _used(usage, edge),
            "support": _burden(support, edge),
            "sentiment": _SENTIMENT,
            "commercial": _COMMERCIAL.get(found.components.commercial, ""),
        }
        known = found.components._asdict()
        whole = sum(getattr(weights, name) for name, own in known.items() if own is not None)
        is_set = override.since(edge).initial is not None
        rows: list[list[Cell]] = []
        for name in Components._fields:
            points, weight = known[name], getattr(weights, name)
            if points is None:
                rows.append([name, None, weight, None, "nothing is known"])
            else:
                part = None if is_set or not whole else round(weight * points / whole, 2)
                rows.append([name, points, weight, part, reasons[name]])
        facts: list[tuple[str, Cell]] = [
            ("Score", found.health.centi / CENTI),
            ("Band", str(found.health.band)),
        ]
        note = _OVERRIDDEN if is_set else "The parts of the score add up to it."
        return Table("health", "Health", facts, _HEADS, rows, note)

    return told


def _used(usage: UsagePoints, edge: int) -> str:
    (people, seats), (active, most) = usage.signals(edge)
    share = f"{_share(people, seats)} seats are used; " if seats else ""
    return f"{share}those who came in 30 days came on {_share(active, most)} days"


def _share(part: int, whole: int) -> str:
    """Writes a share.

    >>> _share(3, 4), _share(0, 0)
    ('3 of 4 (75 %)', '0 of 0')
    """
    percent = f" ({100 * part / whole:.0f} %)" if whole else ""
    return f"{part} of {whole}{percent}"


def _burden(support: SupportPoints, edge: int) -> str:
    unsolved, urgent, lately = support.burden(edge)
    escalated = f", {urgent} once escalated" if urgent else ""
    return f"{unsolved} unsolved{escalated}, {lately} in 90 days"


TELLER: Final = Teller(7, _take)
