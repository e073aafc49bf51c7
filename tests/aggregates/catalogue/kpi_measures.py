"""The measures that the shipped catalogue reads, written down once more.

Tests of formulas, catalogue and readings need no family; that the families declare the same
measures is a test of its own.
"""

from dataclasses import replace

from aggregates.ledger.measure import Kind, Measure, Unit
from aggregates.revenue.regrouping import with_regrouped

_MONEY_LEVELS = ("mrr", "billed_mrr", "committed_mrr", "past_due_mrr", "contracted_mrr")
_MONEY_FLOWS = (
    "new_mrr",
    "reactivation_mrr",
    "transferred_mrr",
    "fx_mrr",
    "acquisition_cost",
    "retention_cost",
)
_MONEY_REASONS = ("expansion_mrr", "contraction_mrr", "churned_mrr")
_MOVEMENTS = (
    *("new_mrr", "reactivation_mrr", "transferred_mrr", "fx_mrr", *_MONEY_REASONS),
    *("new_accounts", "upsells", "downgrades", "churned_subscriptions"),
)
"""Flows of which windows that begin inside a group of changes see another part."""
_MONEY_COHORTS = (
    "retained_mrr",
    "capped_mrr",
    "cohort_churned_mrr",
    "cohort_contraction_mrr",
    "cohort_expansion_mrr",
    "cohort_churned_gains_mrr",
    "cohort_lost_gains_mrr",
)
_TICKET_LEVELS = (
    "ticket_backlog",
    "ticket_backlog_unblocked",
    "accounts_impacted_by_major",
    "major_child_tickets",
    "major_child_tickets_auto",
    "tickets_never_created",
)
_COUNT_LEVELS = ("paying_accounts", "users", "licensed_seats", "onboardings_open", *_TICKET_LEVELS)
_COUNT_FLOWS = (
    "new_accounts",
    "upsells",
    "downgrades",
    "cancellations",
    "churned_subscriptions",
    "surveys_sent",
    "tickets_opened",
    "tickets_solved",
)
_COUNT_WINDOWS = {
    "churned_accounts": ("month", "30d"),
    "upsold_accounts": ("month", "30d"),
    "downgraded_accounts": ("month", "30d"),
    "joined_accounts": ("month", "30d"),
    "retained_accounts": ("month", "30d", "90d", "365d"),
    "cohort_churned_accounts": ("month", "30d", "90d", "365d"),
    "renewals_due": ("month", "90d"),
    "renewals": ("month", "90d"),
    "renewals_open": ("month", "90d"),
    "renewal_due_accounts": ("month", "90d"),
    "renewed_accounts": ("month", "90d"),
    "trials_matured": ("90d",),
    "trials_converted": ("90d",),
    "active_users": ("1d", "7d", "30d"),
    "absent_active_users": ("1d", "7d", "30d"),
    "absent_activated_users": ("30d",),
    "active_users_lately": ("30d",),
    "absent_active_users_lately": ("30d",),
    "seated_active_users": ("30d",),
    "active_users_before": ("30d",),
    "new_active_users": ("30d",),
    "engaged_users": ("30d",),
    "active_accounts": ("30d",),
    "core_features_offered": ("30d",),
    "core_features_offered_to_users": ("30d",),
    "nps_promoters": ("90d", "365d"),
    "nps_passives": ("90d", "365d"),
    "nps_detractors": ("90d", "365d"),
    "nps_unscored": ("90d", "365d"),
    "csat_positive": ("30d", "90d"),
    "csat_rated": ("30d", "90d"),
    "ces_points": ("90d",),
    "happy_answers": ("90d",),
    "satisfaction_answers": ("90d",),
    "survey_answers": ("90d",),
    "milestone_accounts": ("90d",),
    "program_accounts": ("90d",),
    "visitors": ("30d",),
    "referrals": ("month", "30d"),
    "tickets_created": ("1d", "month", "30d"),
    "created_tickets_solved": ("month", "30d"),
    "tickets_solved_at_first_contact": ("30d",),
    "tickets_judged": ("30d",),
    "tickets_handled": ("30d",),
    "accounts_escalated": ("30d",),
    "accounts_with_tickets": ("30d",),
    "reopened_tickets": ("30d",),
    "solved_tickets": ("30d",),
}


_BY_PRIORITY = (
    *("ticket_backlog", "tickets_waiting", "tickets_created", "created_tickets_solved"),
    *("tickets_opened", "tickets_solved", "tickets_solved_at_first_contact", "tickets_judged"),
    *("first_response", "resolution", "reply", "sla_targets_met", "sla_targets_judged"),
)


def _measure(
    name: str,
    kind: Kind,
    unit: Unit,
    labels: tuple[str, ...] = (),
    windows: tuple[str, ...] = (),
) -> Measure:
    filters = ("priority",) if name in _BY_PRIORITY else ()
    doc = f"What {name} sums."
    return Measure(name, kind, unit, doc, labels, windows, filters, regrouped=name in _MOVEMENTS)


_DECLARED = (
    *(_measure(name, Kind.LEVEL, Unit.MONEY) for name in _MONEY_LEVELS),
    *(_measure(name, Kind.FLOW, Unit.MONEY) for name in _MONEY_FLOWS),
    *(_measure(name, Kind.FLOW, Unit.MONEY, ("reason",)) for name in _MONEY_REASONS),
    *(
        _measure(name, Kind.WINDOWED, Unit.MONEY, windows=("month", "30d", "365d"))
        for name in _MONEY_COHORTS
    ),
    *(
        _measure(name, Kind.WINDOWED, Unit.MONEY, windows=("month", "90d"))
        for name in ("renewal_due_mrr", "renewed_mrr")
    ),
    *(_measure(name, Kind.LEVEL, Unit.COUNT) for name in _COUNT_LEVELS),
    *(_measure(name, Kind.FLOW, Unit.COUNT) for name in _COUNT_FLOWS),
    *(
        _measure(name, Kind.WINDOWED, Unit.COUNT, windows=windows)
        for name, windows in _COUNT_WINDOWS.items()
    ),
    *(
        _measure(name, Kind.WINDOWED, Unit.COUNT, ("owner",), ("7d", "30d"))
        for name in ("tasks_completed", "tasks_completed_due", "tasks_on_time")
    ),
    _measure("tasks_overdue", Kind.LEVEL, Unit.COUNT, ("owner",)),
    _measure(
        "tasks_completed_by_category", Kind.WINDOWED, Unit.COUNT, ("category",), ("7d", "30d")
    ),
    _measure("work_time", Kind.FLOW, Unit.MS, ("category",)),
    _measure("converted_visitors", Kind.WINDOWED, Unit.COUNT, ("goal",), ("30d",)),
    _measure("onboarding", Kind.DURATION, Unit.MS, windows=("90d",)),
    _measure("time_to_value", Kind.DURATION, Unit.MS, windows=("90d",)),
    _measure("milestone_time", Kind.DURATION, Unit.MS, ("milestone",), ("90d",)),
    *(
        replace(_measure(name, Kind.FLOW, Unit.COUNT), local_days=True)
        for name in ("active_user_days", "active_user_weekdays", "activated_users")
    ),
    replace(_measure("session_time", Kind.FLOW, Unit.MS), local_days=True),
    _measure("idle_session_time", Kind.WINDOWED, Unit.MS, windows=("30d",)),
    _measure("referred_accounts", Kind.WINDOWED, Unit.COUNT, ("referred",), ("month", "30d")),
    _measure("feature_accounts", Kind.WINDOWED, Unit.COUNT, ("feature",), ("30d",)),
    _measure("other_feature_accounts", Kind.WINDOWED, Unit.COUNT, ("feature",), ("30d",)),
    _measure("feature_users", Kind.WINDOWED, Unit.COUNT, ("feature",), ("30d",)),
    _measure("other_feature_users", Kind.WINDOWED, Unit.COUNT, ("feature",), ("30d",)),
    _measure("ces_answers", Kind.WINDOWED, Unit.COUNT, ("group",), ("90d",)),
    _measure("rated_accounts", Kind.WINDOWED, Unit.COUNT, ("mood",), ("90d",)),
    _measure("tickets_waiting", Kind.LEVEL, Unit.COUNT, ("over",)),
    _measure("health_points", Kind.LEVEL, Unit.COUNT),
    _measure("health_accounts", Kind.LEVEL, Unit.COUNT, ("band",)),
    _measure("health_mrr", Kind.LEVEL, Unit.MONEY, ("band",)),
    _measure("health_component_points", Kind.LEVEL, Unit.COUNT, ("component",)),
    _measure("health_component_accounts", Kind.LEVEL, Unit.COUNT, ("component",)),
    _measure("ticket_backlog_blocked", Kind.LEVEL, Unit.COUNT, ("by",)),
    _measure("first_response", Kind.DURATION, Unit.MS, ("clock",), ("1d", "7d", "30d")),
    _measure("reply", Kind.DURATION, Unit.MS, windows=("30d",)),
    _measure("resolution", Kind.DURATION, Unit.MS, ("clock",), ("30d",)),
    _measure("ticket_work", Kind.WINDOWED, Unit.MS, windows=("30d",)),
    _measure("sla_targets_met", Kind.WINDOWED, Unit.COUNT, ("target",), ("30d",)),
    _measure("sla_targets_judged", Kind.WINDOWED, Unit.COUNT, ("target",), ("30d",)),
)

MEASURES = with_regrouped(_DECLARED)
BY_NAME = {measure.name: measure for measure in MEASURES}
