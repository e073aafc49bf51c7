"""The pulse of a service without a port: a file that it touches for as long as it is well.

The exit code of ``python -m streams.pulse FILE`` says whether it still beats; a container's
health check calls it every few seconds, so this module imports next to nothing.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from streams.clock import now_ms

LIMIT_S: Final = 30.0
"""A pulse older than this has stopped: thirty beats, more than a busy machine delays one, and less
than the watchdog waits before it ends the process."""

_log = logging.getLogger(__name__)


class Pulse:
    """Touches a file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._failing = False

    def beat(self) -> None:
        """Touches the file. A file that cannot be written is logged once, and ends nothing."""
        if self._path is None:
            return
        try:
            self._path.touch()
        except OSError as error:
            if not self._failing:
                _log.warning("pulse: %s", error)
            self._failing = True
        else:
            self._failing = False


def stopped_because(path: Path, limit_s: float = LIMIT_S) -> str:
    """Says why a service is not well; nothing if it is."""
    try:
        age_s = now_ms() / 1000 - path.stat().st_mtime
    except OSError as error:
        return f"{path}: {error.strerror}: not ready yet, or never started"
    return f"{path}: the last beat was {age_s:.0f} s ago" if age_s > limit_s else ""


def main(arguments: Sequence[str]) -> str:
    """Checks the file named by the only argument.

    Returns:
        What ``sys.exit`` takes: empty, which is success, or the complaint.
    """
    if len(arguments) != 1:
        return "usage: python -m streams.pulse FILE"
    return stopped_because(Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or 0)
