"""``tidemark backfill``: event history in, the metrics that would have been scraped out."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.time.tile import edge_ms
from aggregates.time.zone import IANA_VERSION
from events import parse_instant
from events.errors import TidemarkError
from exporters.figures import figures_at
from exporters.history.blocks import Promtool
from exporters.history.destinations import (
    Destination,
    VictoriaDestination,
    folder_destination,
    prometheus_destination,
)
from exporters.history.error import HistoryError
from exporters.history.manifest import Manifest
from exporters.history.servers import RunningPrometheus, VictoriaMetrics
from exporters.history.target_labels import DEFAULT_LABELS, TargetLabels
from exporters.history.time_range import STEPS_S, TimeRange, last_time_s, range_from, rfc3339
from exporters.series import MetricFamily, metric_families
from streams.cli.core import load_core
from streams.cli.progress import progress_bar
from streams.cli.replay import add_grid, add_sources, folded, sources_of
from streams.clock import now_ms
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
        f"{manifest.samples} samples, {rfc3339(manifest.time_range.first_s)} to "
        f"{rfc3339(manifest.time_range.last_s)} every {manifest.every}\n{said}"
    )
    return 0


def _filled(arguments: argparse.Namespace) -> tuple[Manifest, str]:
    """Fills the destination; returns the manifest, and what the user is to do next."""
    settings = load_settings()
    plan, catalogue = load_core(settings)
    sources = sources_of(arguments, settings)
    now = now_ms()
    target_labels = TargetLabels.of(_labels(arguments))
    with _destination(arguments, target_labels, now) as destination:
        every = arguments.every
        last_s = last_time_s(_instant("--to", arguments.last), every, now)
        first_ms = _instant("--from", arguments.first)
        if first_ms is not None:  # before the work of folding
            destination.check(range_from(first_ms, last_s, every))
        intake = folded(plan, sources, settings.type_prefix)
        reader = Reader(intake.shards[0].ledger, plan.calendar)
        time_range = range_from(
            _first_ms(reader, catalogue) if first_ms is None else first_ms, last_s, every
        )
        if first_ms is None:
            destination.check(time_range)
        manifest = Manifest(
            version("tidemark"),
            every,
            time_range,
            target_labels,
            plan.policy.model_dump(mode="json"),
            [source.account() for source in sources],
            intake.records,
            intake.rejected,
            tzdata=IANA_VERSION,
            fingerprint=fingerprint_of(plan, settings.type_prefix).digest,
        )
        _fill(destination, manifest, reader, catalogue, settings)
        return manifest, destination.finish(manifest)


def _labels(arguments: argparse.Namespace) -> dict[str, str | None]:
    labels = {"job": arguments.job, "instance": arguments.instance}
    for text in arguments.label:
        name, equals, value = text.partition("=")
        if not equals:
            raise HistoryError(f"--label {text!r} is not NAME=VALUE")
        labels[name] = value
    return labels


@contextmanager
def _destination(
    arguments: argparse.Namespace, target_labels: TargetLabels, now: int
) -> Iterator[Destination]:
    """Yields where the backfill goes, ready to take it."""
    url = arguments.prometheus_url
    if url is not None and arguments.prometheus_data is None:
        raise HistoryError("--prometheus-url goes with --prometheus-data")
    if arguments.victoriametrics is not None:
        yield VictoriaDestination(VictoriaMetrics(arguments.victoriametrics, target_labels))
        return
    promtool = Promtool(arguments.promtool)
    if arguments.out is not None:
        with folder_destination(arguments.out, promtool, target_labels) as destination:
            yield destination
        return
    server = None if url is None else RunningPrometheus(url, target_labels)
    data: Path = arguments.prometheus_data
    with prometheus_destination(data, promtool, target_labels, server, now // 1_000) as placed:
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
    destination: Destination,
    manifest: Manifest,
    reader: Reader,
    catalogue: Catalogue,
    settings: Settings,
) -> None:
    """Evaluates window by window, so that memory is bounded by a window, and hands each over."""
    times = len(manifest.time_range.times())
    with progress_bar("backfilling", "times", times) as advance:
        for window in manifest.time_range.windows():
            destination.take(window, _families(window, reader, catalogue, settings))
            advance(len(window.times()))
        manifest.windows.extend(destination.filled())


def _families(
    window: TimeRange, reader: Reader, catalogue: Catalogue, settings: Settings
) -> Iterator[MetricFamily]:
    edges, _ = window.readings()
    figures = figures_at(reader, catalogue, edges, settings.currency)
    return metric_families(catalogue, figures, settings.segments, settings.series_max)
