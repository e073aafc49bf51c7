"""The start of an explorer, as it tells of it: how much has been read, how fast, once a while."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from streams.clock import monotonic_s
from streams.explorer.course import Course

SAID_EACH_S: Final = 1.0
"""Between two words on the page."""

LOGGED_EACH_S: Final = 10.0
"""Between two lines of the log."""

_log = logging.getLogger(__name__)


class Restoring:
    """Tells how much of the changelogs has been read, of what there was when it was asked."""

    def __init__(
        self,
        courses: Sequence[Course],
        say: Callable[[str], None],
        clock_s: Callable[[], float] = monotonic_s,
    ) -> None:
        """Begins now; nobody knows yet how much there is.

        Args:
            courses: What is read.
            say: Takes how far it is, in words.
            clock_s: A clock that is never set back, in seconds.
        """
        self._courses = courses
        self._say = say
        self._clock_s = clock_s
        self._begun_s = self._said_s = self._logged_s = clock_s()
        say("the tables are looked for")

    @property
    def _total(self) -> int:
        return sum(each.end - each.start for each in self._courses)

    @property
    def _done(self) -> int:
        return sum(min(each.next, each.end) - each.start for each in self._courses)

    def begin(self) -> None:
        """Tells how much there is, now that all courses have their bounds."""
        _log.info("restoring: %d records of %d changelogs", self._total, len(self._courses))
        self._say(self.text())

    def note(self) -> None:
        """Notes that something was read or computed."""
        now_s = self._clock_s()
        if now_s - self._said_s >= SAID_EACH_S:
            self._said_s = now_s
            self._say(self.text())
        if now_s - self._logged_s >= LOGGED_EACH_S:
            self._logged_s = now_s
            _log.info("restoring: %s", self.text())

    def text(self) -> str:
        """Returns how far it is, in words: offsets count as records, as the broker counts them."""
        total, done = self._total, self._done
        percent = done * 100 // total if total else 100
        took_s = self._clock_s() - self._begun_s
        rate = f", {done / took_s:,.0f} a second" if done and took_s else ""
        return f"{percent} % of {total:,} records{rate}"
