"""Referrals made, and accounts won by them.

Formulas: ``referrals`` over a window = referrals created in it, those of the same account to the
same other account once, by the first of them; ``referred_accounts`` = those that were converted in
it, by referred account, so that a formula counts one that several accounts recommended once, in
whatever partition they are. A referral that names no account counts by itself. A referral of
oneself is out of both. All as known at T: what names the referred account late changes the count
from then on. Unit: referrals, accounts. Undefined: never; the share of new accounts has no value
without new accounts. Source: Dataflo's list of KPIs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from aggregates.contributions.occurrence import FOREVER, Occurrence, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import Fact, History
from aggregates.rows.kind import HistoryKind
from aggregates.time.window import Window
from events import Event
from events.account import ReferralData

CREATED: Final = "referral.created"
CONVERTED: Final = "referral.converted"

ITSELF: Final = ""
"""The referred account of a referral that an account made of itself; no id is empty."""


def _kept(event: Event) -> dict[str, Any]:
    data = cast(ReferralData, event.data)
    return {"referral": data.referral_id, "referred": data.referred_account_id}


REFERRALS: Final = HistoryKind(
    History, name="referral", topic="account", types={CREATED, CONVERTED}, keep=_kept, version=2
)
"""One row an account that refers others."""


_WINDOWS: Final = ("month", "30d")
_NAMES: Final = {CREATED: "referrals", CONVERTED: "referred_accounts"}
"""The measures by the type of event whose first instant they count by."""

_Group = tuple[str | None, str]
"""Referrals that count once: those that name an account, or (None and) a referral by itself, whose
id is unique with the account that made it."""


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what the referrals of one account contribute."""
    windows = scope.windows["referred_accounts"]
    for row in rows:
        yield from _Counter(windows, scope).count(row.unretracted())


@dataclass(slots=True)
class _Counted:
    """What counts from an instant on: an occurrence, ms of the epoch."""

    position_ms: int
    begin_ms: int


class _Counter:
    """Counts referrals as their facts come one after the other."""

    def __init__(self, windows: Sequence[Window], scope: Scope) -> None:
        self._windows = windows
        self._scope = scope
        self._first_ms: dict[str, dict[str, int]] = {type_: {} for type_ in _NAMES}
        self._groups: dict[str, _Group] = {}
        self._members: dict[_Group, set[str]] = {}
        self._counted: dict[tuple[str, _Group], _Counted] = {}

    def count(self, facts: Sequence[Fact]) -> Contributions:
        """Yields the contributions of an account's facts, in order."""
        for fact in facts:
            referral = fact.data["referral"]
            self._first_ms[fact.type].setdefault(referral, fact.effective_ms)
            before = self._groups.get(referral)
            group = before or (None, f"{self._scope.key}\n{referral}")
            if "referred" in fact.data:
                referred = fact.data["referred"]
                group = ITSELF if self._scope.is_account(referred) else referred, ""
            if group != before:
                self._groups[referral] = group
                self._members.setdefault(group, set()).add(referral)
                if before is not None:
                    self._members[before].remove(referral)
                    yield from self._look(before, fact.effective_ms)
            yield from self._look(group, fact.effective_ms)
        for (type_, group), counted in self._counted.items():
            yield from self._span(type_, group, counted, FOREVER)

    def _look(self, group: _Group, at_ms: int) -> Contributions:
        """Looks at what counts in a group from an instant on."""
        for type_, first_ms in self._first_ms.items():
            members = () if group[0] == ITSELF else self._members[group]
            known = [first_ms[referral] for referral in members if referral in first_ms]
            position_ms = min(known, default=None)
            counted = self._counted.get((type_, group))
            if position_ms == (counted.position_ms if counted else None):
                continue
            if counted is not None:
                yield from self._span(type_, group, counted, at_ms)
                del self._counted[type_, group]
            if position_ms is not None:
                self._counted[type_, group] = _Counted(position_ms, at_ms)

    def _span(self, type_: str, group: _Group, counted: _Counted, end_ms: int) -> Contributions:
        occurrence = Occurrence(counted.position_ms, counted.begin_ms, end_ms)
        named, unnamed = group
        labels = (named or unnamed,) if type_ == CONVERTED else ()
        yield windowed(_NAMES[type_], self._windows, occurrence, *labels)


FAMILY = Family(
    name="referrals",
    reads=REFERRALS,
    measures=(
        Measure.windowed(
            _NAMES[CREATED],
            "Referrals made in the window, of the same account by the same one once.",
            _WINDOWS,
        ),
        Measure.windowed(
            _NAMES[CONVERTED],
            "Accounts won in the window by a referral, by referred account.",
            _WINDOWS,
            labels=("referred",),
        ),
    ),
    contributions=contributions,
)
