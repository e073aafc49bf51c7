"""``tidemark docs``: writes the pages of ``docs/`` that are generated."""

import argparse
from pathlib import Path

from aggregates.policies.policy import Policy
from events.errors import TidemarkError
from exporters.documents import event_page, kpi_page, setting_page
from streams.cli.core import Commands, load_core
from streams.settings import Settings, load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    docs = commands.add_parser("docs", help="writes the pages on KPIs, events and settings")
    docs.add_argument("--out", required=True, type=Path, metavar="DIR")
    docs.set_defaults(run=_docs)


def _docs(arguments: argparse.Namespace) -> int:
    plan, catalogue = load_core(load_settings())
    pages = {
        "kpis.md": kpi_page(catalogue, plan),
        "events.md": event_page(),
        "settings.md": setting_page(Settings.model_fields, Policy.model_fields),
    }
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (arguments.out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TidemarkError(f"{arguments.out}: {error.strerror}") from error
    print(f"wrote {', '.join(pages)} to {arguments.out}")
    return 0
