"""The measures that the shipped catalogue reads, written down once more.

Tests of formulas, catalogue and readings need no family; that the families declare the same
measures is a test of its own.
"""

from aggregates.measure import Kind, Measure, Unit

_MONEY_LEVELS = ("mrr", "billed_mrr", "committed_mrr", "past_due_mrr")
_MONEY_FLOWS = ("new_mrr", "reactivation_mrr", "transferred_mrr")
_MONEY_REASONS = ("expansion_mrr", "contraction_mrr", "churned_mrr")
_MONEY_COHORTS = (
    "retained_mrr",
    "capped_mrr",
    "cohort_churned_mrr",
    "cohort_contraction_mrr",
    "cohort_expansion_mrr",
)
_COUNT_LEVELS = ("paying_accounts", "users", "ticket_backlog")
_COUNT_FLOWS = (
    "new_accounts",
    "upsells",
    "downgrades",
    "cancellations",
    "active_user_days",
    "activated_users",
    "tickets_opened",
    "tickets_solved",
)
_COUNT_WINDOWS = {
    "churned_accounts": ("month", "30d"),
    "upsold_accounts": ("month", "30d"),
    "downgraded_accounts": ("month", "30d"),
    "retained_accounts": ("month", "30d", "365d"),
    "cohort_churned_accounts": ("month", "30d", "365d"),
    "active_users": ("1d", "7d", "30d"),
    "active_accounts": ("30d",),
    "nps_promoters": ("90d", "365d"),
    "nps_passives": ("90d", "365d"),
    "nps_detractors": ("90d", "365d"),
    "csat_positive": ("30d", "90d"),
    "csat_rated": ("30d", "90d"),
    "tickets_created": ("1d", "month", "30d"),
}


def _measure(
    name: str,
    kind: Kind,
    unit: Unit,
    labels: tuple[str, ...] = (),
    windows: tuple[str, ...] = (),
) -> Measure:
    return Measure(name, kind, unit, f"What {name} sums.", labels, windows)


MEASURES = (
    *(_measure(name, Kind.LEVEL, Unit.MONEY) for name in _MONEY_LEVELS),
    *(_measure(name, Kind.FLOW, Unit.MONEY) for name in _MONEY_FLOWS),
    *(_measure(name, Kind.FLOW, Unit.MONEY, ("reason",)) for name in _MONEY_REASONS),
    *(
        _measure(name, Kind.WINDOWED, Unit.MONEY, windows=("month", "30d", "365d"))
        for name in _MONEY_COHORTS
    ),
    *(_measure(name, Kind.LEVEL, Unit.COUNT) for name in _COUNT_LEVELS),
    *(_measure(name, Kind.FLOW, Unit.COUNT) for name in _COUNT_FLOWS),
    *(
        _measure(name, Kind.WINDOWED, Unit.COUNT, windows=windows)
        for name, windows in _COUNT_WINDOWS.items()
    ),
    _measure("session_time", Kind.FLOW, Unit.MS),
    _measure("feature_accounts", Kind.WINDOWED, Unit.COUNT, ("feature",), ("30d",)),
    _measure("tickets_waiting", Kind.LEVEL, Unit.COUNT, ("over",)),
    _measure("first_response", Kind.DURATION, Unit.MS, windows=("1d", "7d", "30d")),
    _measure("resolution", Kind.DURATION, Unit.MS, windows=("30d",)),
)

BY_NAME = {measure.name: measure for measure in MEASURES}
