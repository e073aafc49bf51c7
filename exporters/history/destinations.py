"""Destinations: where a backfill goes, a window at a time.

A destination is asked first what of a range is free, takes the windows in order of time, and is
finished once all are there. What it took cannot be seen before that, except in VictoriaMetrics.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from exporters.history.blocks import BlockMaker, Promtool
from exporters.history.data_folder import DataFolder
from exporters.history.error import HistoryError
from exporters.history.folder_reader import FolderReader
from exporters.history.holdings import (
    Holder,
    before_scraped,
    check_free,
    check_retention,
    target_of,
)
from exporters.history.manifest import FilledWindow, Manifest
from exporters.history.seam import after_history, coarse
from exporters.history.servers import RunningPrometheus
from exporters.history.target import LabelOptions, Target
from exporters.history.time_range import TimeRange, rfc3339
from exporters.history.victoria import VictoriaMetrics
from exporters.series import MetricFamily


class Destination(Protocol):
    """Where a backfill goes.

    Attributes:
        target: What its figures belong to.
    """

    target: Target

    def free(self, time_range: TimeRange, *, open_ended: bool) -> TimeRange:
        """Returns the range to fill: the given one, up to what was scraped if its end is open.

        Raises:
            HistoryError: If figures of ours lie in it already, or it would not be kept; says what
                to do about it.
        """

    def take(self, window: TimeRange, families: Iterable[MetricFamily]) -> None:
        """Takes the samples of a window.

        Raises:
            HistoryError: If it cannot.
        """

    def filled(self) -> list[FilledWindow]:
        """Returns what every window with a sample holds, once all are complete.

        Raises:
            HistoryError: If one is not.
        """

    def finish(self, manifest: Manifest) -> str:
        """Puts in place what was taken and sees to it that it is there; says what to do next.

        Raises:
            HistoryError: If it is not there.
        """


class BlockDestination:
    """Blocks for a Prometheus, which is asked beforehand as far as it can be.

    Attributes:
        target: What the figures belong to.
    """

    def __init__(
        self,
        maker: BlockMaker,
        target: Target,
        holder: Holder | None,
        server: RunningPrometheus | None,
        now_s: int,
    ) -> None:
        self.target = target
        self._maker = maker
        self._holder = holder
        self._server = server
        self._now_s = now_s
        self.take = maker.make
        self.filled = maker.filled

    def free(self, time_range: TimeRange, *, open_ended: bool) -> TimeRange:
        """Asks the server if it is known, and reads the folder otherwise; a new one is free."""
        if self._holder is None:
            return time_range
        if open_ended:
            time_range = before_scraped(self._holder, self.target, time_range)
        if self._server is not None:
            check_retention(self._server, time_range, self._now_s)
        url = self._server.url if self._server is not None else "http://PROMETHEUS:9090"
        deletion = (
            "delete them first, on a server with --web.enable-admin-api: "
            f"curl -X POST {url}/api/v1/admin/tsdb/delete_series "
            f"--data-urlencode 'match[]={self.target.scope.selector}' "
            f"-d start={rfc3339(time_range.first_s)} -d end={rfc3339(time_range.last_s)}"
        )
        check_free(self._holder, self.target, time_range, deletion)
        return time_range

    def _said(self, done: str, manifest: Manifest) -> str:
        """Returns what was done, and what is to be known of it."""
        filled = manifest.time_range
        said = [done, coarse(manifest.every, filled.step_s)]
        if self._server is not None:
            said.append(after_history(self._server, self.target.scope, filled, self._now_s))
        return "\n".join(filter(None, said))


class FolderDestination(BlockDestination):
    """A folder of its own: files, blocks and the manifest, to be moved by hand."""

    def __init__(
        self,
        out: Path,
        maker: BlockMaker,
        target: Target,
        server: RunningPrometheus | None,
        now_s: int,
    ) -> None:
        super().__init__(maker, target, server, server, now_s)
        self._out = out

    def finish(self, manifest: Manifest) -> str:
        """Writes the manifest."""
        (self._out / "manifest.json").write_text(manifest.text())
        return self._said(
            "to place the blocks into Prometheus, from a folder on its file system:\n"
            f"  mv {self._maker.blocks}/* PROMETHEUS_DATA/",
            manifest,
        )


class PrometheusDestination(BlockDestination):
    """The data folder of a Prometheus, running or stopped."""

    def __init__(
        self,
        folder: DataFolder,
        maker: BlockMaker,
        target: Target,
        holder: Holder,
        server: RunningPrometheus | None,
        now_s: int,
    ) -> None:
        super().__init__(maker, target, holder, server, now_s)
        self._folder = folder

    def finish(self, manifest: Manifest) -> str:
        """Moves the blocks into place, and waits until a known server shows every sample."""
        made = self._maker.made()
        self._folder.place(made)
        placed = f"{len(made)} blocks placed into {self._folder.path}"
        if self._server is None:
            return self._said(
                f"{placed}; a running Prometheus shows them within a minute", manifest
            )
        for filled in manifest.windows:
            self._server.check_shown(self.target.labels, filled.window, filled.samples)
        return self._said(f"{placed}; {self._server.url} shows every sample of them", manifest)


class VictoriaDestination:
    """A VictoriaMetrics server.

    Attributes:
        target: What the figures belong to.
    """

    def __init__(self, victoria: VictoriaMetrics, target: Target, now_s: int) -> None:
        self.target = target
        self._victoria = victoria
        self._now_s = now_s
        self._filled: list[FilledWindow] = []

    def free(self, time_range: TimeRange, *, open_ended: bool) -> TimeRange:
        """Asks the server."""
        if open_ended:
            time_range = before_scraped(self._victoria, self.target, time_range)
        deletion = (
            "delete them first, which takes no range of time there: "
            f"curl {self._victoria.url}/api/v1/admin/tsdb/delete_series "
            f"--data-urlencode 'match[]={self.target.scope.selector}'"
        )
        check_free(self._victoria, self.target, time_range, deletion)
        return time_range

    def take(self, window: TimeRange, families: Iterable[MetricFamily]) -> None:
        """Sends a window's samples."""
        series, samples = self._victoria.take(self.target.labels, window, families)
        if samples:
            self._filled.append(FilledWindow(window, series, samples))

    def filled(self) -> list[FilledWindow]:
        """Returns what was sent."""
        return self._filled

    def finish(self, manifest: Manifest) -> str:
        """Waits until every sample can be seen."""
        for filled in manifest.windows:
            self._victoria.check_shown(self.target.labels, filled.window, filled.samples)
        seam = after_history(self._victoria, self.target.scope, manifest.time_range, self._now_s)
        return f"{self._victoria.url} shows every sample\n{seam}"


@contextmanager
def folder_destination(
    out: Path,
    promtool: Promtool,
    options: LabelOptions,
    server: RunningPrometheus | None,
    now_s: int,
) -> Iterator[FolderDestination]:
    """Yields a new folder as a destination; an old one must be empty. What fails leaves it empty.

    Raises:
        HistoryError: If it is not empty, or cannot be made.
    """
    target = options.target({}, "") if server is None else target_of(options, server, now_s)
    files, blocks = out / "openmetrics", out / "blocks"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise HistoryError(f"{out} is not empty")
        files.mkdir()
        blocks.mkdir()
    except OSError as error:
        raise HistoryError(f"{out}: {error.strerror}") from error
    try:
        with BlockMaker(promtool, target.labels, files, blocks, keep=True) as maker:
            yield FolderDestination(out, maker, target, server, now_s)
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(blocks, ignore_errors=True)
        raise


@contextmanager
def prometheus_destination(
    data: Path,
    promtool: Promtool,
    options: LabelOptions,
    server: RunningPrometheus | None,
    now_s: int,
) -> Iterator[PrometheusDestination]:
    """Yields a data folder as a destination; removes what was not placed.

    Raises:
        HistoryError: If it is no data folder, or another backfill is under way in it.
    """
    with DataFolder(data) as folder:
        holder = FolderReader(folder, promtool) if server is None else server
        target = target_of(options, holder, now_s)
        staging = folder.staging
        with BlockMaker(promtool, target.labels, staging, staging, keep=False) as maker:
            yield PrometheusDestination(folder, maker, target, holder, server, now_s)


def victoria_destination(
    victoria: VictoriaMetrics, options: LabelOptions, now_s: int
) -> VictoriaDestination:
    """Returns a server as a destination.

    Raises:
        HistoryError: If it cannot be asked, or scrapes the exporter under other labels.
    """
    return VictoriaDestination(victoria, target_of(options, victoria, now_s), now_s)
