"""A case: what `case.toml` says beside the events, and how its figures are read.

`case.toml` has `kind` (of `KINDS`), `shows` (a sentence), `reports` (where such a situation was
reported: repository and number, or site and page), `expect` (rows of time, KPI, labels and value;
"none" for no value) and `[settings]`, where a right value depends on one. Labels are those that
matter: of several series that have them the first one counts.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import isclose
from pathlib import Path
from typing import Any, Final, NamedTuple

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.reading.sample import Sample
from aggregates.shard.plan import Plan
from streams.local.intake import Intake
from streams.local.replay import edges_at, read_at

FOLDER: Final = Path(__file__).parent / "cases"

KINDS: Final = {
    "clock": "local days, months and opening hours by the zone's rules, whatever the clocks do",
    "cost": "a cost counts in its period, in money of that time",
    "discount": "what takes off the price begins and ends with what is billed",
    "end": "a later full state replaces what was known, an end told ahead included",
    "health": "a score is made of what there is, and a judgement ends",
    "identity": "ids that turn out to be one give the figures of one from the start",
    "label": "what is shown is what was told",
    "loss": "who paid and pays no more was lost, once; who comes back had been lost",
    "merge": "a merge changes no total over all accounts and no share of what is kept",
    "money": "amounts of any currency, by its own minor unit",
    "movements": "no movement is below 0, and start and movements make the end",
    "order": "facts of one instant have one order, which ids do not decide",
    "progress": "each step once, of those who are on their way",
    "renewal": "a term is due once, and renewed if its revenue goes on at the due date",
    "service": "targets go by what was in force, on the clock that is measured",
    "share": "both parts of a share are of one group: it is never above 1",
    "surveys": "one voice a person, each on its own scale",
    "team": "work is credited as it stood when it was done",
    "trial": "one trial an account, judged by its days",
    "waits": "a wait is an unanswered question of an open ticket",
}
"""What kinds of cases there are, each with the law behind it."""


class Expected(NamedTuple):
    """The right value of a KPI at a time; None for none."""

    at: str
    kpi: str
    labels: Mapping[str, str]
    value: float | None

    def is_met(self, value: float | None) -> bool:
        """Returns whether a value is this one, but for rounding."""
        if value is None or self.value is None:
            return value is self.value
        return isclose(value, self.value, rel_tol=1e-6, abs_tol=1e-6)


class Case(NamedTuple):
    """A case as it is stored."""

    name: str
    kind: str
    shows: str
    reports: Sequence[str]
    expect: Sequence[Expected]
    settings: Mapping[str, Any]

    @property
    def lines(self) -> list[bytes]:
        """Its events, as records."""
        return (FOLDER / self.name / "events.ndjson").read_bytes().splitlines()


def names() -> list[str]:
    """Returns the names of all cases, by their number."""
    return sorted(
        (path.name for path in FOLDER.iterdir()), key=lambda name: int(name.split("_")[0])
    )


@cache
def case(name: str) -> Case:
    """Reads a case."""
    told = tomllib.loads((FOLDER / name / "case.toml").read_text(encoding="utf-8"))
    settings = told.pop("settings", {})
    rows = [
        Expected(at, kpi, labels, None if value == "none" else float(value))
        for at, kpi, labels, value in told.pop("expect")
    ]
    return Case(name, expect=rows, settings=settings, **told)


@cache
def core(settings: str) -> tuple[Plan, Catalogue]:
    """Returns plan and catalogue under some settings, given as JSON."""
    plan = Plan(Policy.model_validate(json.loads(settings)))
    return plan, load(plan.measures.values(), shipped_source(), policy=plan.policy)


def replayed(of: Case, lines: Sequence[bytes]) -> list[Sample]:
    """Reads the KPIs of a case at its times, as `tidemark replay` does."""
    plan, every = core(json.dumps(of.settings))
    wanted = {expected.kpi for expected in of.expect}
    wanted |= {expected.labels["kpi"] for expected in of.expect if "kpi" in expected.labels}
    kpis = [kpi for kpi in every if kpi.id in wanted]
    assert len(kpis) == len(wanted), wanted
    catalogue = Catalogue(kpis, every.measures, every.policy)
    intake = Intake(plan, bulk=True)
    intake.take(lines)
    intake.settle()
    edges = edges_at(dict.fromkeys(expected.at for expected in of.expect))
    return read_at(catalogue, intake.shards[0].ledger, plan, edges)


def value_of(found: Iterable[Sample], expected: Expected) -> float | None:
    """Returns the value of the first series at that time that has the labels; None for none."""
    (edge,) = edges_at([expected.at])
    for sample in found:
        if (sample.edge, sample.kpi.id) == (edge, expected.kpi) and (
            expected.labels.items() <= dict(sample.labels).items()
        ):
            return sample.value
    return None
