"""``tidemark schemas``, ``docs``, ``rules`` and ``dashboards``: files made from code and catalogue.

``deploy/`` and ``docs/`` hold them as the defaults make them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from aggregates.policies.policy import Policy
from events import write_schemas
from exporters.dashboards import dashboards, missing_tiles, unplaced
from exporters.documents import event_page, kpi_page, setting_page
from exporters.rules import RuleOptions, write_rules
from exporters.rules.options import GRAFANA, JOB, RUNBOOKS
from streams.cli.core import load_core
from streams.cli.files import named_errors, write_folder
from streams.settings import Settings, load_settings
from streams.settings.schema import allowed_values


def _add(command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int]) -> None:
    command.add_argument("--out", required=True, type=Path, metavar="DIR")
    command.set_defaults(run=run)


def add_schemas(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark schemas``."""
    _add(command, _schemas)


def _schemas(arguments: argparse.Namespace) -> int:
    with named_errors(arguments.out):
        write_schemas(arguments.out)
    print(f"wrote the event schemas to {arguments.out}")
    return 0


def add_docs(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark docs``."""
    _add(command, _docs)


def _docs(arguments: argparse.Namespace) -> int:
    plan, catalogue = load_core(load_settings())
    pages = {
        "kpis.md": kpi_page(catalogue, plan),
        "events.md": event_page(),
        "settings.md": setting_page(Settings, Policy.model_fields, allowed_values()),
    }
    write_folder(arguments.out, pages.items())
    print(f"wrote {', '.join(pages)} to {arguments.out}")
    return 0


def add_rules(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark rules``."""
    _add(command, _rules)
    command.add_argument(
        "--runbooks", default=RUNBOOKS, metavar="URL", help=f"folder of runbooks; {RUNBOOKS}"
    )
    command.add_argument(
        "--grafana", default=GRAFANA, metavar="URL", help="address of Grafana; none: /d/..."
    )
    command.add_argument("--job", default=JOB, metavar="NAME", help=f"the scrape job; {JOB}")


def _rules(arguments: argparse.Namespace) -> int:
    _, catalogue = load_core(load_settings())
    options = RuleOptions(arguments.runbooks, arguments.grafana, arguments.job)
    with named_errors(arguments.out):
        paths = write_rules(arguments.out, catalogue, options)
    for path in paths:
        print(f"wrote {path}")
    return 0


def add_dashboards(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark dashboards``."""
    _add(command, _dashboards)


def _dashboards(arguments: argparse.Namespace) -> int:
    plan, catalogue = load_core(load_settings())
    made = dashboards(catalogue, plan.policy)
    write_folder(arguments.out, ((each.file_name, each.text) for each in made))
    for line in missing_tiles(catalogue):
        print(f"tidemark: no KPI yet for {line}", file=sys.stderr)
    for line in unplaced(catalogue):
        print(f"tidemark: there is no such dashboard: {line}", file=sys.stderr)
    print(f"wrote the dashboards to {arguments.out}")
    return 0
