"""Targets: where a backfill goes, a window at a time.

A target is asked first whether it is free, takes the windows in order of time, and is finished once
all are there. Nothing can be seen before that of what it took, but in VictoriaMetrics.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from exporters.history.block_maker import BlockMaker
from exporters.history.data_folder import DataFolder
from exporters.history.error import HistoryError
from exporters.history.grid import Grid, told
from exporters.history.identity import Identity
from exporters.history.manifest import Filled, Manifest
from exporters.history.promtool import Promtool
from exporters.history.retention import retention_s
from exporters.history.running import RunningPrometheus
from exporters.history.seen import check_shown
from exporters.history.victoria import Victoria
from exporters.series import MetricFamily


class Target(Protocol):
    """Where a backfill goes."""

    def check(self, grid: Grid) -> None:
        """Refuses a range in which our series have samples already, or that would not be kept.

        Raises:
            HistoryError: If so; says what to do about it.
        """

    def take(self, window: Grid, families: Iterable[MetricFamily]) -> None:
        """Takes the samples of a window.

        Raises:
            HistoryError: If it cannot.
        """

    def filled(self) -> list[Filled]:
        """Returns what every window with a sample holds, once all are complete.

        Raises:
            HistoryError: If one is not.
        """

    def finish(self, manifest: Manifest) -> str:
        """Puts in place what was taken and sees to it that it is there; says what to do next.

        Raises:
            HistoryError: If it is not there.
        """


class FolderTarget:
    """A folder of its own: files, blocks and the manifest, to be moved by hand."""

    def __init__(self, out: Path, maker: BlockMaker) -> None:
        self._out = out
        self._maker = maker
        self.take = maker.make
        self.filled = maker.filled

    def check(self, grid: Grid) -> None:
        """A new folder holds nothing."""

    def finish(self, manifest: Manifest) -> str:
        """Writes the manifest."""
        (self._out / "manifest.json").write_text(manifest.text())
        return (
            "to place the blocks into Prometheus, from a folder on its file system:\n"
            f"  mv {self._maker.blocks}/* PROMETHEUS_DATA/"
        )


class PrometheusTarget:
    """The data folder of a Prometheus, running or stopped."""

    def __init__(
        self,
        folder: DataFolder,
        maker: BlockMaker,
        promtool: Promtool,
        identity: Identity,
        server: RunningPrometheus | None,
        now_s: int,
    ) -> None:
        self._folder = folder
        self._maker = maker
        self._promtool = promtool
        self._identity = identity
        self._server = server
        self._now_s = now_s
        self.take = maker.make
        self.filled = maker.filled

    def check(self, grid: Grid) -> None:
        """Refuses an overlap; asks the server if it is known, and reads the folder otherwise."""
        if self._server is not None:
            self._check_retention(self._server, grid)
            held = self._server.holds(grid)
        else:
            held = self._folder.holds(self._promtool, self._identity, grid)
        if held:
            url = self._server.url if self._server is not None else "http://PROMETHEUS:9090"
            raise HistoryError(
                f"{self._folder.path} {_holds(self._identity, grid)}; delete them first, on a "
                "server with --web.enable-admin-api: "
                f"curl -X POST {url}/api/v1/admin/tsdb/delete_series "
                f"--data-urlencode 'match[]={self._identity.selector}' "
                f"-d start={told(grid.first_s)} -d end={told(grid.last_s)}"
            )

    def _check_retention(self, server: RunningPrometheus, grid: Grid) -> None:
        said = server.retention()
        kept_s = retention_s(said)
        if kept_s is not None and grid.first_s < self._now_s - kept_s:
            raise HistoryError(
                f"{server.url} keeps samples for {said}: it would delete what lies before "
                f"{told(self._now_s - kept_s)} at once; start it with a longer "
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
            check_shown(self._server, filled.window, filled.samples)
        return f"{placed}; {self._server.url} shows every sample of them"


class VictoriaTarget:
    """A VictoriaMetrics server."""

    def __init__(self, victoria: Victoria, identity: Identity) -> None:
        self._victoria = victoria
        self._identity = identity
        self._filled: list[Filled] = []

    def check(self, grid: Grid) -> None:
        """Refuses an overlap."""
        if self._victoria.holds(grid):
            raise HistoryError(
                f"{self._victoria.url} {_holds(self._identity, grid)}; delete them first, which "
                "takes no range of time there: "
                f"curl {self._victoria.url}/api/v1/admin/tsdb/delete_series "
                f"--data-urlencode 'match[]={self._identity.selector}'"
            )

    def take(self, window: Grid, families: Iterable[MetricFamily]) -> None:
        """Sends a window's samples."""
        series, samples = self._victoria.take(window, families)
        if samples:
            self._filled.append(Filled(window, series, samples))

    def filled(self) -> list[Filled]:
        """Returns what was sent."""
        return self._filled

    def finish(self, manifest: Manifest) -> str:
        """Waits until every sample can be seen."""
        for filled in manifest.windows:
            check_shown(self._victoria, filled.window, filled.samples)
        return f"{self._victoria.url} shows every sample"


@contextmanager
def folder_target(out: Path, promtool: Promtool, identity: Identity) -> Iterator[FolderTarget]:
    """Yields a new folder as a target; an old one must be empty. What fails leaves it empty.

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
        with BlockMaker(promtool, identity, files, blocks, keep=True) as maker:
            yield FolderTarget(out, maker)
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(blocks, ignore_errors=True)
        raise


@contextmanager
def prometheus_target(
    data: Path,
    promtool: Promtool,
    identity: Identity,
    server: RunningPrometheus | None,
    now_s: int,
) -> Iterator[PrometheusTarget]:
    """Yields a data folder as a target; removes what was not placed.

    Raises:
        HistoryError: If it is no data folder, or another backfill is under way in it.
    """
    with (
        DataFolder(data) as folder,
        BlockMaker(promtool, identity, folder.staging, folder.staging, keep=False) as maker,
    ):
        yield PrometheusTarget(folder, maker, promtool, identity, server, now_s)


def _holds(identity: Identity, grid: Grid) -> str:
    return (
        f"holds samples of {identity.selector} between {told(grid.first_s)} and "
        f"{told(grid.last_s)} already"
    )
