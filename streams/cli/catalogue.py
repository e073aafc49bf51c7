"""``tidemark kpis`` and ``tidemark schemas``: what there is, and in which form."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.prose import kpi_in_words
from aggregates.policies.policy import GENERAL
from aggregates.shard.plan import Plan
from events import write_schemas
from events.errors import TidemarkError
from streams.cli.core import Commands, load_core
from streams.settings import load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    kpis = commands.add_parser("kpis", help="the catalogue: formulas, units, windows, settings")
    kpis.add_argument("id", nargs="?", help="only this KPI, with its definition")
    kpis.add_argument("--json", action="store_true", help="as JSON")
    kpis.add_argument("--measures", action="store_true", help="what formulas may read, instead")
    kpis.set_defaults(run=_kpis)
    schemas = commands.add_parser("schemas", help="writes a JSON Schema for each event type")
    schemas.add_argument("--out", required=True, type=Path, metavar="DIR")
    schemas.set_defaults(run=_schemas)


def _kpis(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    plan, catalogue = load_core(settings)
    if arguments.measures:
        return _measures(plan, arguments.json)
    if arguments.id and arguments.id not in catalogue:
        raise TidemarkError(f"there is no KPI {arguments.id!r}; `tidemark kpis` lists them")
    chosen = [catalogue[arguments.id]] if arguments.id else list(catalogue)
    policy = plan.policy.model_dump(mode="json")

    def described(kpi: Kpi) -> dict[str, Any]:
        named = plan.policies_of(catalogue.measures_of(kpi))
        names = [*GENERAL, *named, *catalogue.settings_of(kpi)]
        return {**_described(kpi), "settings": {name: policy[name] for name in names}}

    if arguments.json:
        every = [described(kpi) for kpi in chosen]
        print(json.dumps(every[0] if arguments.id else every, indent=2))
    elif arguments.id:
        for name, value in described(chosen[0]).items():
            print(f"{name:12} {value if isinstance(value, str) else json.dumps(value)}")
    else:
        for kpi in chosen:
            windows = ",".join(kpi.windows)
            print(f"{kpi.id:32} {kpi.unit:9} {windows:18} {kpi.formula_text}")
    return 0


def _measures(plan: Plan, as_json: bool) -> int:
    measures = sorted(plan.measures.values(), key=lambda measure: measure.name)
    if as_json:
        print(json.dumps([asdict(measure) for measure in measures], indent=2))
        return 0
    for measure in measures:
        names = [*measure.labels, *(f"[{name}]" for name in measure.filters)]
        labels = f"({', '.join(names)})" if names else ""
        windows = ",".join(measure.windows)
        name = f"{measure.name}{labels}"
        print(f"{name:40} {measure.kind:9} {measure.unit:6} {windows:15} {measure.doc}")
    return 0


def _described(kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.id,
        "code": kpi.code,
        "metric": kpi.metric,
        "title": kpi.title,
        "family": kpi.family,
        "formula": kpi.formula_text,
        "in_words": kpi_in_words(kpi),
        "unit": str(kpi.unit),
        "windows": list(kpi.windows),
        "labels": list(kpi.label_names),
        "good": str(kpi.good),
        "targets": {t.name: f"{t.comparison} {t.value:g}" for t in kpi.targets},
        "week_alert": kpi.week_alert,
        "source": kpi.source,
        "seeds": list(kpi.seeds),
        "dashboards": list(kpi.dashboards),
        "description": " ".join(kpi.description.split()),
    }


def _schemas(arguments: argparse.Namespace) -> int:
    try:
        write_schemas(arguments.out)
    except OSError as error:
        raise TidemarkError(f"{arguments.out}: {error.strerror}") from error
    print(f"wrote the event schemas to {arguments.out}")
    return 0
