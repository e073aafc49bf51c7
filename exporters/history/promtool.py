"""promtool: Prometheus's own program, which makes its blocks and reads them."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from exporters.history.error import HistoryError

_MAKE_S: Final = 3_600.0
"""For one block: some minutes for the largest."""

_END_S: Final = 30.0
"""For promtool to end once it has been told to, or has closed its output."""

_LONGEST_BLOCK: Final = "744h"
"""31 days, rounded down by promtool to 486 hours; its default of 2 hours is slow and makes
thousands of blocks."""


class Promtool:
    """The program; it comes with Prometheus."""

    def __init__(self, path: str | None = None) -> None:
        """Takes its path; by default it is looked for.

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

    def finds(self, folder: Path, selector: str, first_s: int, last_s: int) -> bool:
        """Returns whether a data folder holds any sample between two times, both included.

        Raises:
            HistoryError: If the folder cannot be read.
        """
        command = [self._path, "tsdb", "dump", f"--match={selector}"]
        command += [f"--min-time={first_s * 1_000}", f"--max-time={last_s * 1_000}", str(folder)]
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process,
        ):
            assert process.stdout is not None
            found = bool(process.stdout.readline())
            process.stdout.close()
            if found:
                process.kill()
            code = process.wait(_END_S)
            said.seek(0)
            if code and not found:
                raise HistoryError(f"promtool ended with {code}: {said.read().decode().strip()}")
        return found
