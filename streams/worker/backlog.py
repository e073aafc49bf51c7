"""The backlog, as a worker's log tells of it: not each record, but when it begins and ends."""

import logging
from collections.abc import Callable
from typing import Final

from streams.clock import monotonic_s

RECORDS: Final = 1_000
"""Records that are worth a line: fewer come and go between two looks."""

EACH_S: Final = 30.0
"""Between two lines while it lasts."""

_log = logging.getLogger(__name__)


class Backlog:
    """Says that a worker is behind, how far it is meanwhile, and that it has caught up."""

    def __init__(self, clock: Callable[[], float] = monotonic_s) -> None:
        self._clock = clock
        self._told_s: float | None = None

    def note(self, records: int) -> None:
        """Notes how many records wait to be folded."""
        if records < RECORDS:
            if self._told_s is not None:
                _log.info("caught up")
            self._told_s = None
        elif self._told_s is None or self._clock() - self._told_s >= EACH_S:
            _log.info("behind: %d records", records)
            self._told_s = self._clock()
