"""``tidemark backfill``: event history in, the metrics that would have been scraped out."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.time.tile import edge_ms
from events import parse_instant
from exporters.figures import figures_at
from exporters.history.api import Api
from exporters.history.error import HistoryError
from exporters.history.grid import STEPS_S, Grid, grid_from, last_time_s, told
from exporters.history.identity import DEFAULT_LABELS, Identity
from exporters.history.manifest import Manifest
from exporters.history.promtool import Promtool
from exporters.history.running import RunningPrometheus
from exporters.history.target import Target, VictoriaTarget, folder_target, prometheus_target
from exporters.history.victoria import Victoria
from exporters.series import Family, families
from streams.cli.core import load_core
from streams.cli.files import open_source
from streams.cli.progress import progress_bar
from streams.cli.replay import add_grid, add_sources, folded
from streams.clock import now_ms
from streams.errors import TidemarkError
from streams.settings import Settings, load_settings


def add_backfill(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark backfill``."""
    add_sources(command)
    first = "RFC 3339 time; default: the first that counts"
    last = "default: where live scraping takes over, 3 h ago"
    add_grid(command, first, last, "1h", STEPS_S)
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--prometheus-data", type=Path, metavar="DIR", help="place blocks, running or stopped"
    )
    where.add_argument("--out", type=Path, metavar="DIR", help="leave files and blocks in a folder")
    where.add_argument("--victoriametrics", metavar="URL", help="import over HTTP")
    command.add_argument(
        "--prometheus-url", metavar="URL", help="the running server over --prometheus-data"
    )
    command.add_argument("--job", metavar="NAME", help=f"default: {DEFAULT_LABELS['job']}")
    command.add_argument(
        "--instance", metavar="HOST:PORT", help=f"default: {DEFAULT_LABELS['instance']}"
    )
    command.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a further target label"
    )
    command.add_argument("--manifest", type=Path, metavar="FILE", help="account of what was done")
    command.add_argument("--promtool", metavar="PATH", help="default: the one on the PATH")
    command.set_defaults(run=_backfill)


def _backfill(arguments: argparse.Namespace) -> int:
    try:
        manifest, said = _filled(arguments)
        if arguments.manifest is not None:
            arguments.manifest.write_text(manifest.text())
    except HistoryError as error:
        raise TidemarkError(str(error)) from error
    except OSError as error:
        raise TidemarkError(f"{error.filename}: {error.strerror}") from error
    print(
        f"{manifest.samples} samples, {told(manifest.grid.first_s)} to "
        f"{told(manifest.grid.last_s)} every {manifest.every}\n{said}"
    )
    return 0


def _filled(arguments: argparse.Namespace) -> tuple[Manifest, str]:
    """Fills the target; returns the manifest, and what the user is to do next."""
    settings = load_settings()
    plan, catalogue = load_core(settings)
    sources = [open_source(name) for name in arguments.sources]
    now = now_ms()
    identity = Identity.of(_labels(arguments))
    with _target(arguments, identity, now) as target:
        every = arguments.every
        last_s = last_time_s(_instant("--to", arguments.last), every, now)
        first_ms = _instant("--from", arguments.first)
        if first_ms is not None:  # before the work of folding
            target.check(grid_from(first_ms, last_s, every))
        intake = folded(plan, sources, settings.type_prefix)
        reader = Reader(intake.shards[0].ledger, plan.calendar)
        reader.refresh()
        grid = grid_from(
            _first_ms(reader, catalogue) if first_ms is None else first_ms, last_s, every
        )
        if first_ms is None:
            target.check(grid)
        manifest = Manifest(
            version("tidemark"),
            every,
            grid,
            identity,
            plan.policy.model_dump(mode="json"),
            [source.account() for source in sources],
            intake.records,
            intake.rejected,
        )
        _fill(target, manifest, reader, catalogue, settings)
        return manifest, target.finish(manifest)


def _labels(arguments: argparse.Namespace) -> dict[str, str | None]:
    labels = {"job": arguments.job, "instance": arguments.instance}
    for text in arguments.label:
        name, equals, value = text.partition("=")
        if not equals:
            raise HistoryError(f"--label {text!r} is not NAME=VALUE")
        labels[name] = value
    return labels


@contextmanager
def _target(arguments: argparse.Namespace, identity: Identity, now: int) -> Iterator[Target]:
    """Yields where the backfill goes, ready to take it."""
    url = arguments.prometheus_url
    if url is not None and arguments.prometheus_data is None:
        raise HistoryError("--prometheus-url goes with --prometheus-data")
    if arguments.victoriametrics is not None:
        yield VictoriaTarget(Victoria(Api(arguments.victoriametrics), identity), identity)
        return
    promtool = Promtool(arguments.promtool)
    if arguments.out is not None:
        with folder_target(arguments.out, promtool, identity) as target:
            yield target
        return
    server = None if url is None else RunningPrometheus(Api(url), identity)
    data: Path = arguments.prometheus_data
    with prometheus_target(data, promtool, identity, server, now // 1_000) as placed:
        yield placed


def _instant(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise HistoryError(f"{option} {text!r} is no RFC 3339 time: {error}") from error


def _first_ms(reader: Reader, catalogue: Catalogue) -> int:
    """Returns the first time at which a figure has moved."""
    beginnings = reader.beginnings(catalogue)
    if not beginnings:
        raise HistoryError("no event moves any figure: there is nothing to fill")
    return edge_ms(min(beginnings.values()) + 1)


def _fill(
    target: Target, manifest: Manifest, reader: Reader, catalogue: Catalogue, settings: Settings
) -> None:
    """Evaluates window by window, so that memory is bounded by a window, and hands each over."""
    times = len(manifest.grid.times())
    with progress_bar("backfilling", "times", times) as advance:
        for window in manifest.grid.windows():
            target.take(window, _families(window, reader, catalogue, settings))
            advance(len(window.times()))
        manifest.windows.extend(target.filled())


def _families(
    window: Grid, reader: Reader, catalogue: Catalogue, settings: Settings
) -> Iterator[Family]:
    edges, _ = window.readings()
    figures = figures_at(reader, catalogue, edges, settings.currency)
    return families(catalogue, figures, settings.segments, settings.series_max)
