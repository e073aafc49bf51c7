"""Adoption of features by accounts.

Formulas: an account uses a feature at T if one of its users, internal ones left out, used it on one
of the last 30 local days; an account is active if one of its users was (``active_features``), and
only active accounts count. The breadth of adoption is the mean over active accounts of the core
features in use, as a share of all core features (``core_features``, each while it is one, under all
of its names): accounts by feature less those by other feature, over core features by active
account. Without named ones every feature in use is one. Where adoption is by user
(``adoption_unit``), ``user_adoption`` counts the same of single users. Unit: accounts, and accounts
times core features. Undefined: shares have no value while no account is active. Sources: Pendo
documentation (feature adoption by account; breadth over named core events).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.cover import cover, cover_change, spans_of, within
from aggregates.ledger.measure import Contribution, Deltas, Measure, Series
from aggregates.policies.usage import CoreTiles
from aggregates.rows.family import Scope
from aggregates.time.tile import NEVER
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, UsageFamily
from aggregates.usage.users import ANY

_NOT_CORE: Final = CoreTiles(NEVER, NEVER)


class Core(NamedTuple):
    """The measures of core features, and of others.

    Attributes:
        offered: Core features that are named, once for each who is active.
        other: Who uses a feature that is not core, by feature.
    """

    offered: str
    other: str

    def measures(self, offered: str) -> tuple[Measure, Measure]:
        """Declares both; ``offered`` says what the first one counts."""
        return (
            Measure.windowed(
                self.other,
                "The same of features that are not core, where core features are named.",
                (WINDOW,),
                labels=("feature",),
            ),
            Measure.windowed(self.offered, offered, (WINDOW,)),
        )

    def contributions(
        self, feature: str, changes: Sequence[Contribution], core: Mapping[str, CoreTiles]
    ) -> Deltas:
        """Yields core features on offer to who is active, or what is used that is not core.

        ``changes`` say where a feature is used or, under ``ANY``, where somebody is active.
        ``core`` has the core features, each with the tiles in which it is one.
        """
        if feature == ANY:
            for since, until in core.values():
                for _, at, delta in changes:
                    yield (self.offered, WINDOW), min(max(at, since), until), delta
            return
        since, until = core.get(feature, _NOT_CORE)
        for _, at, delta in changes:
            yield (self.other, WINDOW, feature), min(at, since), delta
            if until < NEVER:  # then it is one of the others again
                yield (self.other, WINDOW, feature), max(at, until), delta


_CORE: Final = Core("core_features_offered", "other_feature_accounts")


def _contributions(accounts: Sequence[AccountDays], scope: Scope) -> Deltas:
    for account in accounts:
        for feature, used in used_by_active(account, _series, scope):
            yield from _of_feature(feature, used, scope)


def used_by_active(
    days: AccountDays, series: Callable[[str], Series], scope: Scope
) -> Iterator[tuple[str, list[Contribution]]]:
    """Yields, by feature, where who is active uses it; under ``ANY``, where it is active."""
    end, activating = scope.calendar.days_end(DAYS), scope.policy.activating
    active = spans_of(end, days.get(ANY, ())) if activating else []
    for feature, own in days.items():
        used = cover(series(feature), end, own)
        if activating and feature != ANY:
            used = within(used, active)
        yield feature, list(used)


def _day_change(account: AccountDays, day: ActiveDay, scope: Scope) -> Deltas:
    feature, before, tile, after = day
    end, activating = scope.calendar.days_end(DAYS), scope.policy.activating
    change: Sequence[Contribution] = cover_change(_series(feature), end, before, tile, after)
    if activating and feature != ANY and feature not in activating:
        change = list(within(change, spans_of(end, account.get(ANY, ()))))
    yield from _of_feature(feature, change, scope)
    if activating and feature == ANY:
        yield from _others_change(account, change, scope)


def _others_change(account: AccountDays, change: Sequence[Contribution], scope: Scope) -> Deltas:
    """Yields how the use of features that do not make active changes with when it is active."""
    for feature, days in account.items():
        if feature != ANY and feature not in scope.policy.activating:
            active = [(_series(feature), at, delta) for _, at, delta in change]
            used = list(within(active, spans_of(scope.calendar.days_end(DAYS), days)))
            yield from _of_feature(feature, used, scope)


def _of_feature(feature: str, used: Sequence[Contribution], scope: Scope) -> Deltas:
    yield from used
    if core := scope.policy.core_tiles:
        yield from _CORE.contributions(feature, used, core)


def _series(feature: str) -> Series:
    if feature == ANY:
        return "active_accounts", WINDOW
    return "feature_accounts", WINDOW, feature


FAMILY = UsageFamily(
    name="adoption",
    reads=ACCOUNT_USAGE,
    measures=(
        Measure.windowed(
            "active_accounts", "Accounts with an active user in the window.", (WINDOW,)
        ),
        Measure.windowed(
            "feature_accounts",
            "Active accounts with a user who used the feature in the window.",
            (WINDOW,),
            labels=("feature",),
        ),
        *_CORE.measures("Core features that are named, once for each active account."),
    ),
    contributions=_contributions,
    fixed_windows=True,
    active_change=_day_change,
    feature_change=_day_change,
    policies=("active_features", "core_features", "session_days"),
)
