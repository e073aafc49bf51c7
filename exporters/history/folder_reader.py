"""What a data folder holds, as promtool reads it: for when no server can be asked."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from exporters.history.blocks import Promtool, blocks_in
from exporters.history.data_folder import DataFolder
from exporters.history.error import HistoryError
from exporters.history.target import LIVE, SEEN_DAYS, SKEW_S, Seen
from exporters.history.target_labels import Labels, TargetLabels
from exporters.history.time_range import TimeRange

_LOGS: Final = ("wal", "wbl")
"""Write-ahead logs of the head, whose samples are in no block yet."""

_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")


class FolderReader:
    """Looks into a data folder, which must be ours, without changing anything in it.

    promtool reads a copy made of links: in the folder itself it might add to the head's chunks,
    under a running server too.
    """

    def __init__(self, folder: DataFolder, promtool: Promtool) -> None:
        self._folder = folder
        self._promtool = promtool

    def __str__(self) -> str:
        return str(self._folder.path)

    def targets(self, now_s: int) -> Seen:
        """Returns the exporters that were scraped, and when last.

        Raises:
            HistoryError: If it cannot be read.
        """
        found: dict[str, float] = {}
        with self._dumped(LIVE, now_s - SEEN_DAYS * 86_400, now_s + SKEW_S) as lines:
            for line in lines:
                series, _, time_ms = line.rsplit(" ", 2)
                found[series] = max(found.get(series, 0.0), int(time_ms) / 1_000)
        return {_labels(series): at_s for series, at_s in found.items()}

    def holds(self, target_labels: TargetLabels, time_range: TimeRange) -> bool:
        """Returns whether it holds samples of our series within a time range, in blocks or logs.

        Raises:
            HistoryError: If it cannot be read.
        """
        first_s, last_s = time_range.first_s, time_range.last_s
        with self._dumped(target_labels.selector, first_s, last_s) as lines:
            return bool(next(lines, ""))

    def first_s(self, selector: str, first_s: int, last_s: int) -> int | None:
        """Returns when the first sample of some series lies within two times, if there is one.

        Raises:
            HistoryError: If it cannot be read.
        """
        with self._dumped(selector, first_s, last_s) as lines:
            times_ms = (int(line.rsplit(" ", 1)[1]) for line in lines)
            first_ms = min(times_ms, default=None)
        return None if first_ms is None else first_ms // 1_000

    @contextmanager
    def _dumped(self, selector: str, first_s: int, last_s: int) -> Iterator[Iterator[str]]:
        """Yields the samples between two times, both included, a line each."""
        copy = self._folder.staging / "copy"
        try:
            self._link(copy, first_s * 1_000, last_s * 1_000)
        except OSError as error:
            raise HistoryError(f"{self}: {error.strerror}") from error
        try:
            with self._promtool.dumped(copy, selector, first_s, last_s) as lines:
                yield lines
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _link(self, copy: Path, first_ms: int, last_ms: int) -> None:
        """Makes a folder with links to what holds samples between two times."""
        path = self._folder.path
        copy.mkdir()
        for block in blocks_in(path):
            if block.first_ms <= last_ms and first_ms < block.end_ms:
                _link_entries(block.path, copy / block.path.name)
        for log in _LOGS:
            if (path / log).is_dir():
                (copy / log).symlink_to(path / log)
        if not (copy / "wal").exists():
            (copy / "wal").mkdir()  # promtool wants one


def _link_entries(block: Path, copy: Path) -> None:
    """Makes a folder with links to all that is in another; a link to a folder is no block."""
    copy.mkdir()
    for entry in block.iterdir():
        (copy / entry.name).symlink_to(entry)


def _labels(series: str) -> Labels:
    r"""Reads a series as promtool writes it.

    >>> _labels(r'{__name__="up", job="a \"b\""}')
    (('job', 'a "b"'),)
    """
    found = {name: _ESCAPED.sub(r"\1", value) for name, value in _LABEL.findall(series)}
    return tuple(sorted(item for item in found.items() if item[0] != "__name__"))
