"""``tidemark backfill``: event history in, the metrics that would have been scraped out."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.time.moment import EXAMPLES, Moments
from aggregates.time.tile import edge_ms
from events.errors import TidemarkError
from events.zone import IANA_VERSION
from exporters.figures import figures_at
from exporters.history.blocks import Promtool
from exporters.history.destinations import (
    Destination,
    folder_destination,
    prometheus_destination,
    victoria_destination,
)
from exporters.history.error import HistoryError
from exporters.history.manifest import Manifest
from exporters.history.servers import RunningPrometheus
from exporters.history.target import LabelOptions
from exporters.history.target_labels import DEFAULT_LABELS
from exporters.history.time_range import STEPS_S, TimeRange, last_time_s, range_from, rfc3339
from exporters.history.victoria import VictoriaMetrics
from exporters.series import MetricFamily, metric_families
from streams.cli.core import load_core
from streams.cli.progress import progress_bar
from streams.cli.replay import add_grid, add_sources, folded, sources_of
from streams.clock import now_ms
from streams.settings import Settings, load_settings


def add_backfill(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark backfill``."""
    add_sources(command)
    first = f"a time; default: the first that counts. One of {EXAMPLES}"
    last = "default: before the first scraped sample, and 3 h ago"
    add_grid(command, first, last, "1h", STEPS_S)
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--prometheus-data", type=Path, metavar="DIR", help="place blocks, running or stopped"
    )
    where.add_argument("--out", type=Path, metavar="DIR", help="leave files and blocks in a folder")
    where.add_argument("--victoriametrics", metavar="URL", help="import over HTTP")
    command.add_argument(
        "--prometheus-url", metavar="URL", help="the running server, to be asked what it has"
    )
    unknown = "default: that of the scraped exporter; while there is none, {}"
    for name, metavar in (("job", "NAME"), ("instance", "HOST:PORT")):
        command.add_argument(
            f"--{name}", metavar=metavar, help=unknown.format(DEFAULT_LABELS[name])
        )
    command.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a further target label"
    )
    command.add_argument(
        "--as-given", action="store_true", help="these labels, although the exporter has others"
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
    with _destination(arguments, now) as destination:
        target = destination.target
        print(f"labels: {target.labels}, {target.origin}", file=sys.stderr)
        every = arguments.every
        moments = Moments(settings.timezone, now)
        given_ms = _instant(moments, "--to", arguments.last)
        last_s = last_time_s(given_ms, every, now)

        def free(first_ms: int) -> TimeRange:
            wanted = range_from(first_ms, last_s, every)
            return destination.free(wanted, open_ended=given_ms is None)

        first_ms = _instant(moments, "--from", arguments.first)
        known = None if first_ms is None else free(first_ms)  # before the work of folding
        history = folded(plan, sources, settings, arguments.processes, strict=arguments.strict)
        reader = Reader(history.ledger, plan.calendar)
        time_range = known or free(_first_ms(reader, catalogue))
        manifest = Manifest(
            version("tidemark"),
            every,
            time_range,
            target.labels,
            plan.policy.model_dump(mode="json"),
            [source.account() for source in sources],
            history.records,
            history.rejected,
            tzdata=IANA_VERSION,
            fingerprint=fingerprint_of(plan, settings.dialect).digest,
        )
        _fill(destination, manifest, reader, catalogue, settings)
        return manifest, destination.finish(manifest)


def _labels(arguments: argparse.Namespace) -> LabelOptions:
    named = {"job": arguments.job, "instance": arguments.instance}
    labels = {name: value for name, value in named.items() if value is not None}
    for text in arguments.label:
        name, equals, value = text.partition("=")
        if not equals:
            raise HistoryError(f"--label {text!r} is not NAME=VALUE")
        labels[name] = value
    return LabelOptions(labels, arguments.as_given)


@contextmanager
def _destination(arguments: argparse.Namespace, now: int) -> Iterator[Destination]:
    """Yields where the backfill goes, ready to take it."""
    options, now_s, url = _labels(arguments), now // 1_000, arguments.prometheus_url
    if arguments.victoriametrics is not None:
        if url is not None:
            raise HistoryError("--prometheus-url goes with --prometheus-data or --out")
        yield victoria_destination(VictoriaMetrics(arguments.victoriametrics), options, now_s)
        return
    promtool = Promtool(arguments.promtool)
    server = None if url is None else RunningPrometheus(url)
    if arguments.out is not None:
        with folder_destination(arguments.out, promtool, options, server, now_s) as destination:
            yield destination
        return
    data: Path = arguments.prometheus_data
    with prometheus_destination(data, promtool, options, server, now_s) as placed:
        yield placed


def _instant(moments: Moments, option: str, text: str | None) -> int | None:
    return None if text is None else moments.read(option, text)


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
