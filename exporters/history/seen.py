"""Seeing to it that a server shows every sample it was given."""

import time
from typing import Final, Protocol

from exporters.history.error import HistoryError
from exporters.history.grid import Grid, told

SEEN_S: Final = 180.0
"""For a server to show what was placed or sent: Prometheus looks for blocks every minute."""

_LOOK_S: Final = 1.0
"""Between two looks."""


class Shower(Protocol):
    """A server that shows samples.

    Attributes:
        url: Its address.
    """

    url: str

    def samples(self, window: Grid) -> int:
        """Counts our samples at the times of a window."""


def check_shown(server: Shower, window: Grid, expected: int, seen_s: float = SEEN_S) -> None:
    """Waits until a server shows so many samples in a window.

    Raises:
        HistoryError: If it shows others until the end, or cannot be asked.
    """
    deadline_s = time.monotonic() + seen_s
    while (found := server.samples(window)) != expected:
        if time.monotonic() >= deadline_s:
            raise HistoryError(
                f"{server.url} shows {found} samples from {told(window.first_s)} to "
                f"{told(window.last_s)}, {expected} were written; is its retention shorter than "
                "that?"
            )
        time.sleep(_LOOK_S)
