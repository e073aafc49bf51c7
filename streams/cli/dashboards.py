"""``tidemark dashboards``: the catalogue as dashboards for Grafana."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from events.errors import TidemarkError
from exporters.dashboards import Dashboard, dashboards, missing_tiles, unplaced
from streams.cli.core import Commands, load_core
from streams.settings import load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("dashboards", help="writes the dashboards for Grafana")
    command.add_argument("--out", required=True, type=Path, metavar="DIR")
    command.set_defaults(run=_dashboards)


def _dashboards(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    plan, catalogue = load_core(settings)
    _write(dashboards(catalogue, plan.policy), arguments.out)
    for line in missing_tiles(catalogue):
        print(f"tidemark: no KPI yet for {line}", file=sys.stderr)
    for line in unplaced(catalogue):
        print(f"tidemark: there is no such dashboard: {line}", file=sys.stderr)
    print(f"wrote the dashboards to {arguments.out}")
    return 0


def _write(made: Iterable[Dashboard], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for dashboard in made:
            (folder / dashboard.file_name).write_text(dashboard.text, encoding="utf-8")
    except OSError as error:
        raise TidemarkError(f"{folder}: {error.strerror}") from error
