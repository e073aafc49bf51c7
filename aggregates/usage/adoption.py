"""Adoption of features by accounts.

Formulas: an account uses a feature at T if one of its users, internal ones left out, used it on one
of the last 30 local days; an account is active if one of its users was (``active_features``). The
breadth of adoption is the mean over active accounts of the core features in use, as a share of all
core features (``core_features``, each from when it is one): accounts by feature less those by other
feature, over core features by active account. Without named ones every feature in use is one. Where
adoption is by user (``adoption_unit``), ``user_adoption`` counts the same of single users. Unit:
accounts, and accounts times core features. Undefined: shares have no value while no account is
active. Sources: Pendo documentation (feature adoption by account; breadth over named core events).
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.cover import cover, cover_change
from aggregates.ledger.measure import Contribution, Contributions, Measure, Series
from aggregates.rows.family import Scope
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, UsageFamily
from aggregates.usage.users import ANY

_NEVER: Final = 1 << 31
"""A tile later than that of any instant."""


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
        self, feature: str, changes: Sequence[Contribution], core: Mapping[str, int]
    ) -> Contributions:
        """Yields core features on offer to who is active, or what is used that is not core.

        ``changes`` say where a feature is used or, under ``ANY``, where somebody is active.
        ``core`` has the core features, each with the tile from which on it is one.
        """
        if feature == ANY:
            for since in core.values():
                for _, at, delta in changes:
                    yield (self.offered, WINDOW), max(at, since), delta
            return
        since = core.get(feature, _NEVER)
        for _, at, delta in changes:
            yield (self.other, WINDOW, feature), min(at, since), delta


_CORE: Final = Core("core_features_offered", "other_feature_accounts")


def _contributions(accounts: Sequence[AccountDays], scope: Scope) -> Contributions:
    end = scope.calendar.days_end(DAYS)
    core = scope.policy.core_tiles
    for account in accounts:
        for feature, days in account.items():
            yield from cover(_series(feature), end, days)
            if core:
                yield from _CORE.contributions(feature, list(cover((), end, days)), core)


def _day_change(account: AccountDays, day: ActiveDay, scope: Scope) -> Sequence[Contribution]:
    feature, before, tile, after = day
    end = scope.calendar.days_end(DAYS)
    change = cover_change(_series(feature), end, before, tile, after)
    core = scope.policy.core_tiles
    return [*change, *_CORE.contributions(feature, change, core)] if core else change


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
            "Accounts with a user who used the feature in the window.",
            (WINDOW,),
            labels=("feature",),
        ),
        *_CORE.measures("Core features that are named, once for each active account."),
    ),
    contributions=_contributions,
    fixed_windows=True,
    active_change=_day_change,
    feature_change=_day_change,
    policies=("active_features", "core_features"),
)
