"""Destinations: where a backfill goes, a window at a time.

A destination is asked first whether it is free, takes the windows in order of time, and is finished
once all are there. What it took cannot be seen before that, except in VictoriaMetrics.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from exporters.history.blocks import BlockMaker, Promtool
from exporters.history.data_folder import DataFolder
from exporters.history.error import HistoryError
from exporters.history.manifest import FilledWindow, Manifest
from exporters.history.servers import RunningPrometheus, VictoriaMetrics, retention_s
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339
from exporters.series import MetricFamily


class Destination(Protocol):
    """Where a backfill goes."""

    def check(self, time_range: TimeRange) -> None:
        """Refuses a range in which our series have samples already, or that would not be kept.

        Raises:
            HistoryError: If so; says what to do about it.
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


class FolderDestination:
    """A folder of its own: files, blocks and the manifest, to be moved by hand."""

    def __init__(self, out: Path, maker: BlockMaker) -> None:
        self._out = out
        self._maker = maker
        self.take = maker.make
        self.filled = maker.filled

    def check(self, time_range: TimeRange) -> None:
        """A new folder holds nothing."""

    def finish(self, manifest: Manifest) -> str:
        """Writes the manifest."""
        (self._out / "manifest.json").write_text(manifest.text())
        return (
            "to place the blocks into Prometheus, from a folder on its file system:\n"
            f"  mv {self._maker.blocks}/* PROMETHEUS_DATA/"
        )


class PrometheusDestination:
    """The data folder of a Prometheus, running or stopped."""

    def __init__(
        self,
        folder: DataFolder,
        maker: BlockMaker,
        promtool: Promtool,
        target_labels: TargetLabels,
        server: RunningPrometheus | None,
        now_s: int,
    ) -> None:
        self._folder = folder
        self._maker = maker
        self._promtool = promtool
        self._target_labels = target_labels
        self._server = server
        self._now_s = now_s
        self.take = maker.make
        self.filled = maker.filled

    def check(self, time_range: TimeRange) -> None:
        """Refuses an overlap; asks the server if it is known, and reads the folder otherwise."""
        if self._server is not None:
            self._check_retention(self._server, time_range)
            held = self._server.holds(time_range)
        else:
            held = self._folder.holds(self._promtool, self._target_labels, time_range)
        if held:
            url = self._server.url if self._server is not None else "http://PROMETHEUS:9090"
            raise HistoryError(
                f"{self._folder.path} {_holds(self._target_labels, time_range)}; delete them "
                "first, on a server with --web.enable-admin-api: "
                f"curl -X POST {url}/api/v1/admin/tsdb/delete_series "
                f"--data-urlencode 'match[]={self._target_labels.selector}' "
                f"-d start={rfc3339(time_range.first_s)} -d end={rfc3339(time_range.last_s)}"
            )

    def _check_retention(self, server: RunningPrometheus, time_range: TimeRange) -> None:
        retention = server.retention()
        kept_s = retention_s(retention)
        if kept_s is not None and time_range.first_s < self._now_s - kept_s:
            raise HistoryError(
                f"{server.url} keeps samples for {retention}: it would delete what lies before "
                f"{rfc3339(self._now_s - kept_s)} at once; start it with a longer "
                "--storage.tsdb.retention.time, or give a later --from"
            )

    def finish(self, manifest: Manifest) -> str:
        """Moves the blocks into place, and waits until a known server shows every sample."""
        made = self._maker.made()
        self._folder.place(made)
        placed = f"{len(made)} blocks placed into {self._folder.path}"
        if self._server is None:
            return f"{placed}; a running Prometheus shows them within a minute"
        for filled in manifest.windows:
            self._server.check_shown(filled.window, filled.samples)
        return f"{placed}; {self._server.url} shows every sample of them"


class VictoriaDestination:
    """A VictoriaMetrics server."""

    def __init__(self, victoria: VictoriaMetrics) -> None:
        self._victoria = victoria
        self._filled: list[FilledWindow] = []

    def check(self, time_range: TimeRange) -> None:
        """Refuses an overlap."""
        url, target_labels = self._victoria.url, self._victoria.target_labels
        if self._victoria.holds(time_range):
            raise HistoryError(
                f"{url} {_holds(target_labels, time_range)}; delete them first, which takes no "
                f"range of time there: curl {url}/api/v1/admin/tsdb/delete_series "
                f"--data-urlencode 'match[]={target_labels.selector}'"
            )

    def take(self, window: TimeRange, families: Iterable[MetricFamily]) -> None:
        """Sends a window's samples."""
        series, samples = self._victoria.take(window, families)
        if samples:
            self._filled.append(FilledWindow(window, series, samples))

    def filled(self) -> list[FilledWindow]:
        """Returns what was sent."""
        return self._filled

    def finish(self, manifest: Manifest) -> str:
        """Waits until every sample can be seen."""
        for filled in manifest.windows:
            self._victoria.check_shown(filled.window, filled.samples)
        return f"{self._victoria.url} shows every sample"


@contextmanager
def folder_destination(
    out: Path, promtool: Promtool, target_labels: TargetLabels
) -> Iterator[FolderDestination]:
    """Yields a new folder as a destination; an old one must be empty. What fails leaves it empty.

    Raises:
        HistoryError: If it is not empty, or cannot be made.
    """
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
        with BlockMaker(promtool, target_labels, files, blocks, keep=True) as maker:
            yield FolderDestination(out, maker)
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(blocks, ignore_errors=True)
        raise


@contextmanager
def prometheus_destination(
    data: Path,
    promtool: Promtool,
    target_labels: TargetLabels,
    server: RunningPrometheus | None,
    now_s: int,
) -> Iterator[PrometheusDestination]:
    """Yields a data folder as a destination; removes what was not placed.

    Raises:
        HistoryError: If it is no data folder, or another backfill is under way in it.
    """
    with (
        DataFolder(data) as folder,
        BlockMaker(promtool, target_labels, folder.staging, folder.staging, keep=False) as maker,
    ):
        yield PrometheusDestination(folder, maker, promtool, target_labels, server, now_s)


def _holds(target_labels: TargetLabels, time_range: TimeRange) -> str:
    return (
        f"holds samples of {target_labels.selector} between {rfc3339(time_range.first_s)} and "
        f"{rfc3339(time_range.last_s)} already"
    )
