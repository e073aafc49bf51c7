"""Making blocks: samples as an OpenMetrics file, the file as a block, and their counts compared.

promtool takes longer than everything before it, so it runs beside the evaluation of what follows.
"""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from exporters.history.blocks import Block, blocks_in
from exporters.history.error import HistoryError
from exporters.history.grid import Grid, told
from exporters.history.identity import Identity
from exporters.history.manifest import Filled
from exporters.history.openmetrics import OpenMetricsWriter, Written
from exporters.history.promtool import Promtool
from exporters.series import MetricFamily

BESIDE_MAX: Final = 2
"""Blocks made at once; each takes a core and some 150 MB, and its file lies on the disk."""


class BlockMaker:
    """Makes a block of each window; a context that waits for what is under way.

    Attributes:
        files: The folder of OpenMetrics files.
        blocks: The folder of blocks.
    """

    def __init__(
        self, promtool: Promtool, identity: Identity, files: Path, blocks: Path, keep: bool
    ) -> None:
        self.files = files
        self.blocks = blocks
        self._promtool = promtool
        self._identity = identity
        self._keep = keep
        self._threads = ThreadPoolExecutor(BESIDE_MAX, thread_name_prefix="tidemark-promtool")
        self._under_way: deque[Future[Filled]] = deque()
        self._filled: list[Filled] = []

    def __enter__(self) -> Self:
        """Is ready at once."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Waits for the blocks under way; begins no more."""
        self._threads.shutdown(cancel_futures=True)

    def make(self, window: Grid, families: Iterable[MetricFamily]) -> None:
        """Writes a window's file, and has its block made; waits while too many are under way.

        Raises:
            HistoryError: If the file cannot be written, or an earlier block was not made.
        """
        while len(self._under_way) >= BESIDE_MAX:
            self._filled.append(self._under_way.popleft().result())
        path = self.files / f"{told(window.first_s).replace(':', '')}.om"
        _, columns = window.readings()
        try:
            with path.open("wb", buffering=1 << 20) as file:
                writer = OpenMetricsWriter(file, self._identity, window.times(), columns)
                writer.write(families)
                written = writer.close()
            if not written.samples:
                path.unlink()
                return
        except OSError as error:
            raise HistoryError(f"{path}: {error.strerror}") from error
        self._under_way.append(self._threads.submit(self._block, window, path, written))

    def filled(self) -> list[Filled]:
        """Waits for the last block; gives what every window with a sample holds.

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

    def _block(self, window: Grid, path: Path, written: Written) -> Filled:
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
                    f"{written.samples} samples were written from {told(window.first_s)} on, but "
                    f"promtool stored {stored}; nothing was placed"
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
        return Filled(
            window, written.series, written.samples, written.sha256, block=names, file=kept
        )
