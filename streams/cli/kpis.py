"""``tidemark kpis``: the KPIs there are, and what formulas may read."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from aggregates.catalogue.definition import Definition
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import GENERAL
from aggregates.shard.plan import Plan
from events.zone import IANA_VERSION
from streams.cli.core import kpi_named, load_core
from streams.cli.table import Column, table_lines, terminal_width
from streams.settings import load_settings


def add_kpis(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark kpis``."""
    command.add_argument(
        "kpi_id", nargs="?", metavar="ID", help="only this KPI, with its definition"
    )
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--measures", action="store_true", help="what formulas may read, instead")
    command.set_defaults(run=_kpis)


def _kpis(arguments: argparse.Namespace) -> int:
    plan, catalogue = load_core(load_settings())
    if arguments.measures:
        return _measures(plan, arguments.json)
    chosen = [kpi_named(catalogue, arguments.kpi_id)] if arguments.kpi_id else list(catalogue)
    if not (arguments.json or arguments.kpi_id):
        rows = [(kpi.id, str(kpi.unit), ",".join(kpi.windows), kpi.formula_text) for kpi in chosen]
        _print_table(("kpi", "unit", "windows", "formula"), rows)
        print(f"tidemark: local days by the rules of IANA {IANA_VERSION}", file=sys.stderr)
        return 0
    policy = plan.policy.model_dump(mode="json")
    described = []
    for kpi in chosen:
        named = plan.policies_of(catalogue.measures_of(kpi))
        names = (*GENERAL, *named, *catalogue.settings_of(kpi))
        settings = {name: policy[name] for name in names}
        told = msgspec.to_builtins(Definition.of(kpi, settings))
        described.append(told | {"tzdata": IANA_VERSION})
    if arguments.json:
        print(json.dumps(described[0] if arguments.kpi_id else described, indent=2))
    else:
        for name, value in described[0].items():
            print(f"{name:16} {value if isinstance(value, str) else json.dumps(value)}")
    return 0


def _measures(plan: Plan, as_json: bool) -> int:
    measures = sorted(plan.measures.values(), key=lambda measure: measure.name)
    if as_json:
        print(json.dumps([asdict(measure) for measure in measures], indent=2))
        return 0
    rows = [
        (_with_labels(each), str(each.kind), str(each.unit), ",".join(each.windows), each.doc)
        for each in measures
    ]
    _print_table(("measure", "kind", "unit", "windows", "what it sums"), rows)
    return 0


def _with_labels(measure: Measure) -> str:
    names = [*measure.labels, *(f"[{name}]" for name in measure.filters)]
    return measure.name + (f"({', '.join(names)})" if names else "")


def _print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for line in table_lines([Column(title) for title in titles], rows, terminal_width()):
        print(line)
