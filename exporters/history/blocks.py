"""Blocks: folders of immutable samples in a data folder of Prometheus, made by promtool.

promtool is Prometheus's own program. It takes longer than everything before it, so it runs while
the figures of the next windows are evaluated.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from exporters.history.error import HistoryError
from exporters.history.manifest import FilledWindow
from exporters.history.openmetrics import OpenMetricsWriter, Written
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339
from exporters.series import MetricFamily

AT_ONCE_MAX: Final = 2
"""Blocks made at once; each takes a core and some 150 MB, and its file lies on the disk."""

_MAKE_S: Final = 3_600.0
"""For one block: some minutes for the largest."""

_END_S: Final = 30.0
"""For promtool to end once it has been killed, or has closed its output."""

_LONGEST_BLOCK: Final = "744h"
"""31 days, rounded down by promtool to 486 hours; its default of 2 hours is slow and makes
thousands of blocks."""

_ULID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

_META: Final = "meta.json"


@dataclass(frozen=True, slots=True)
class Block:
    """A block, by its ``meta.json``; ``promtool tsdb list`` prints the same.

    Attributes:
        path: Its folder, named by its ULID.
        first_ms: Time of its first sample.
        end_ms: Time that all its samples lie before.
        series: Its series.
        samples: Its samples.
    """

    path: Path
    first_ms: int
    end_ms: int
    series: int
    samples: int


def blocks_in(folder: Path) -> list[Block]:
    """Returns the blocks of a data folder, in order of time.

    Raises:
        HistoryError: If the folder or a block cannot be read.
    """
    found = []
    try:
        for path in folder.iterdir():
            if _ULID.fullmatch(path.name) and (path / _META).is_file():
                meta = json.loads((path / _META).read_bytes())
                stats = meta.get("stats", {})
                series, samples = stats.get("numSeries", 0), stats.get("numSamples", 0)
                found.append(Block(path, meta["minTime"], meta["maxTime"], series, samples))
    except (OSError, ValueError, KeyError) as error:
        raise HistoryError(f"{folder}: cannot be read: {error}") from error
    return sorted(found, key=lambda block: (block.first_ms, block.path.name))


class Promtool:
    """The program; it comes with Prometheus."""

    def __init__(self, path: str | None = None) -> None:
        """Sets its path; by default it is looked for.

        Raises:
            HistoryError: If there is none.
        """
        found = shutil.which(path or "promtool")
        if found is None:
            raise HistoryError(
                f"{path} is no program"
                if path
                else "promtool is not on the PATH; it comes with "
                "Prometheus; give its place by --promtool, or backfill by --victoriametrics"
            )
        self._path = found

    def create_blocks(self, file: Path, folder: Path) -> None:
        """Makes blocks of an OpenMetrics file.

        Raises:
            HistoryError: If it refuses the file.
        """
        command = [self._path, "tsdb", "create-blocks-from", "openmetrics", "-q"]
        command += [f"--max-block-duration={_LONGEST_BLOCK}", str(file), str(folder)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_MAKE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HistoryError(f"promtool failed: {error}") from error
        if done.returncode:
            said = (done.stderr + done.stdout).strip()
            raise HistoryError(f"promtool ended with {done.returncode}: {said}")

    @contextmanager
    def dumped(
        self, folder: Path, selector: str, first_s: int, last_s: int
    ) -> Iterator[Iterator[str]]:
        """Yields the samples of a data folder between two times, both included, a line each.

        Raises:
            HistoryError: If the folder cannot be read.
        """
        command = [self._path, "tsdb", "dump", f"--match={selector}"]
        command += [f"--min-time={first_s * 1_000}", f"--max-time={last_s * 1_000}", str(folder)]
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
        ):
            assert process.stdout is not None
            yield process.stdout
            ended = not process.stdout.readline()
            process.stdout.close()
            if not ended:  # the rest is of no interest
                process.kill()
            code = process.wait(_END_S)
            said.seek(0)
            if code and ended:
                raise HistoryError(f"promtool ended with {code}: {said.read().decode().strip()}")


class BlockMaker:
    """Makes a block of each window; a context that waits for what is under way.

    Attributes:
        files: The folder of OpenMetrics files.
        blocks: The folder of blocks.
    """

    def __init__(
        self, promtool: Promtool, target_labels: TargetLabels, files: Path, blocks: Path, keep: bool
    ) -> None:
        self.files = files
        self.blocks = blocks
        self._promtool = promtool
        self._target_labels = target_labels
        self._keep = keep
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="tidemark-promtool")
        self._under_way: deque[Future[FilledWindow]] = deque()
        self._filled: list[FilledWindow] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Waits for the blocks under way; begins no more."""
        self._threads.shutdown(cancel_futures=True)

    def make(self, window: TimeRange, families: Iterable[MetricFamily]) -> None:
        """Writes a window's file, and has its block made; waits while too many are under way.

        Raises:
            HistoryError: If the file cannot be written, or an earlier block was not made.
        """
        while len(self._under_way) >= AT_ONCE_MAX:
            self._filled.append(self._under_way.popleft().result())
        path = self.files / f"{rfc3339(window.first_s).replace(':', '')}.om"
        _, columns = window.readings()
        try:
            with path.open("wb", buffering=1 << 20) as file:
                writer = OpenMetricsWriter(file, self._target_labels, window.times(), columns)
                writer.write(families)
                written = writer.close()
            if not written.samples:
                path.unlink()
                return
        except OSError as error:
            raise HistoryError(f"{path}: {error.strerror}") from error
        self._under_way.append(self._threads.submit(self._block, window, path, written))

    def filled(self) -> list[FilledWindow]:
        """Waits for the last block; returns what every window with a sample holds.

        Raises:
            HistoryError: If a block was not made.
        """
        while self._under_way:
            self._filled.append(self._under_way.popleft().result())
        return self._filled

    def made(self) -> list[Block]:
        """Returns the blocks, in order of time.

        Raises:
            HistoryError: If they cannot be read.
        """
        return blocks_in(self.blocks)

    def _block(self, window: TimeRange, path: Path, written: Written) -> FilledWindow:
        """Makes a window's block, in a folder of its own first, and compares the samples.

        Raises:
            HistoryError: If the block lacks samples, or cannot be made.
        """
        apart = path.with_suffix(".block")
        try:
            self._promtool.create_blocks(path, apart)
            blocks = blocks_in(apart)
            stored = sum(block.samples for block in blocks)
            if stored != written.samples:
                raise HistoryError(
                    f"{written.samples} samples were written from {rfc3339(window.first_s)} on, "
                    f"but promtool stored {stored}; nothing was placed"
                )
            for block in blocks:
                block.path.rename(self.blocks / block.path.name)
            apart.rmdir()
            if not self._keep:
                path.unlink()
        except OSError as error:
            raise HistoryError(f"{path}: {error.strerror}") from error
        names = ", ".join(block.path.name for block in blocks)
        kept = path.name if self._keep else ""
        return FilledWindow(
            window, written.series, written.samples, written.sha256, block=names, file=kept
        )
