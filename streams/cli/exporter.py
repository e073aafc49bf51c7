"""``tidemark exporter``: the shared board as gauges."""

import argparse

from streams.cli.board import redis_board
from streams.cli.core import load_kpis
from streams.cli.serving import add_address, invite, served, stopping
from streams.clock import now_ms
from streams.settings import load_settings


def add_exporter(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark exporter``."""
    add_address(command)
    command.set_defaults(run=_exporter)


def _exporter(arguments: argparse.Namespace) -> int:
    settings = load_settings(port=arguments.port, listen=arguments.listen)
    plan, kpis = load_kpis(settings)
    with (
        stopping() as stop,
        served(redis_board(settings), plan, kpis, settings, now_ms) as url,
    ):
        invite(url)
        stop.wait()
    return 0
