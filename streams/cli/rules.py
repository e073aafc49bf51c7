"""``tidemark rules``: recording and alerting rules for Prometheus."""

import argparse
from pathlib import Path

from events.errors import TidemarkError
from exporters.rules import RuleOptions, write_rules
from exporters.rules.options import GRAFANA, JOB, RUNBOOKS
from streams.cli.core import Commands, load_core
from streams.settings import load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    rules = commands.add_parser("rules", help="writes rules and alerts for Prometheus")
    rules.add_argument("--out", required=True, type=Path, metavar="DIR")
    rules.add_argument(
        "--runbooks", default=RUNBOOKS, metavar="URL", help=f"folder of runbooks; {RUNBOOKS}"
    )
    rules.add_argument(
        "--grafana", default=GRAFANA, metavar="URL", help="address of Grafana; none: /d/..."
    )
    rules.add_argument("--job", default=JOB, metavar="NAME", help=f"the scrape job; {JOB}")
    rules.set_defaults(run=_rules)


def _rules(arguments: argparse.Namespace) -> int:
    _, catalogue = load_core(load_settings())
    options = RuleOptions(arguments.runbooks, arguments.grafana, arguments.job)
    try:
        paths = write_rules(arguments.out, catalogue, options)
    except OSError as error:
        raise TidemarkError(f"{arguments.out}: {error.strerror}") from error
    for path in paths:
        print(f"wrote {path}")
    return 0
