"""The figures of a week ago: as a replay at that time gives them, by what is known now."""

import json
from collections.abc import Sequence
from functools import cache
from math import isfinite

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.watched import compared
from aggregates.policies.policy import Policy
from aggregates.reading.reader import Reader
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_at
from events import parse_instant
from exporters.figures import live_figures
from exporters.series import metric_families
from streams.local.intake import Intake
from streams.local.replay import read_at
from streams.simulator import simulate

NOW = "2026-03-31T09:15:00Z"
"""Two days after clocks were put forward in Berlin."""

EDGE = edge_at(parse_instant(NOW))
WEEK_AGO = {
    "Europe/Berlin": edge_at(parse_instant("2026-03-24T10:15:00Z")),
    "UTC": edge_at(parse_instant("2026-03-24T09:15:00Z")),
}
"""A week before, at the same local time."""

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@cache
def history() -> tuple[bytes, ...]:
    """Returns forty days of a small company, in order."""
    return tuple(simulate(seed=5, accounts=6, days=40, end_ms=parse_instant(NOW)))


def corrections() -> list[bytes]:
    """Returns, told now: retractions of what is weeks old, and an end that is dated back."""
    told = [json.loads(line) for line in history()]
    made = [e for e in told if e["type"] == "subscription.created"]
    taken = [*made[:2], *[e for e in told if e["type"] == "ticket.created"][:5]]
    found = [
        {
            **event,
            "id": f"take-back-{event['id']}",
            "type": "event.retracted",
            "time": NOW,
            "data": {
                "account_id": event["data"]["account_id"],
                "retracts": event["id"],
                "retracts_type": event["type"],
            },
        }
        for event in taken
    ]
    ended = {k: made[3]["data"][k] for k in ("account_id", "subscription_id")}
    ended["effective_at"] = "2026-03-10T00:00:00Z"
    found.append(
        {**made[3], "id": "back", "type": "subscription.deleted", "time": NOW, "data": ended}
    )
    return [json.dumps(event).encode() for event in found]


def core(timezone: str) -> tuple[Plan, Catalogue]:
    """Returns the plan and the shipped KPIs in a time zone."""
    plan = Plan(Policy(timezone=timezone))
    return plan, load(plan.measures.values(), shipped_source(), policy=plan.policy)


def shown(plan: Plan, catalogue: Catalogue, rounds: Sequence[Sequence[bytes]]) -> Figures:
    """Returns what an exporter shows of a week ago after lines that came in rounds."""
    intake = Intake(plan)
    for lines in rounds:
        intake.take(list(lines))
        intake.settle()
    assert not intake.rejected, intake.samples
    figures = live_figures(Reader(intake.shards[0].ledger, plan.calendar), catalogue, EDGE, "USD")
    return {
        (series.name.replace("_week_ago_", "_"), tuple(sorted(series.labels))): float(value)
        for family in metric_families(catalogue, figures)
        for series in family.series
        if "_week_ago_" in series.name
        for value in series.values
        if isfinite(value)
    }


def replayed(plan: Plan, catalogue: Catalogue, lines: Sequence[bytes]) -> Figures:
    """Returns the same series as replay gives them, at the time itself."""
    intake = Intake(plan, bulk=True)
    intake.take(list(lines))
    intake.settle()
    forms = {
        series.kpi.id: {
            "window": series.window,
            series.kpi.variant_label or "": series.variant,
        }
        for series in compared(catalogue)
    }
    found: Figures = {}
    for sample in read_at(
        catalogue, intake.shards[0].ledger, plan, [WEEK_AGO[plan.policy.timezone]]
    ):
        labels, form = dict(sample.labels), forms.get(sample.kpi.id)
        if form is not None and all(labels.get(k) == v for k, v in form.items()):
            found[sample.kpi.metric, tuple(sorted(sample.labels))] = sample.value
    return found


def test_it_is_what_a_replay_of_then_gives() -> None:
    """After corrections that are told now too, exactly; at the same local time of day."""
    plan, catalogue = core("Europe/Berlin")
    before = shown(plan, catalogue, [history()])
    assert before == replayed(plan, catalogue, history())
    told = [*history(), *corrections()]
    after = shown(plan, catalogue, [history(), corrections()])
    assert after == replayed(plan, catalogue, told)
    mrr = ("cs_mrr", (("currency", "USD"),))
    assert 0 < after[mrr] < before[mrr]
    assert {name for name, _ in after} >= {"cs_paying_accounts", "cs_customer_churn_ratio"}


def test_on_a_first_day_sums_are_nothing_and_quotients_are_not() -> None:
    """There was nobody a week ago, which is no missing history; a quotient over it has no value."""
    plan, catalogue = core("UTC")
    first = [line for line in history() if json.loads(line)["time"] >= "2026-03-30"]
    assert first
    found = shown(plan, catalogue, [first])
    assert found == replayed(plan, catalogue, first)
    assert found["cs_mrr", (("currency", "USD"),)] == 0
    assert "cs_customer_churn_ratio" not in {name for name, _ in found}
