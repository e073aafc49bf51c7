"""Progress: a line on a terminal that goes on by itself; elsewhere a line of the log now and then.

In a pipe there is nothing unless ``--log-level info`` asks for it.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from streams.cli.pace import Pace, Total
from streams.clock import monotonic_s

LOGGED_EACH_S: Final = 10.0
"""Between two lines of a log."""

_REFRESHES_A_S: Final = 4.0

_log = logging.getLogger(__name__)
_shown = True


class Advance(Protocol):
    """Takes how much more is done, and how many records that were, if bytes are counted."""

    def __call__(self, done: int, records: int = 0) -> None:
        """Takes it."""


def show_progress(shown: bool) -> None:
    """Says whether this process shows progress on a terminal."""
    global _shown  # of the process, as the terminal is
    _shown = shown


@contextmanager
def progress_bar(title: str, unit: str, total: Total = None) -> Iterator[Advance]:
    """Tells how far something is and how fast it goes; yields what takes how much more is done.

    Args:
        title: What is being done.
        unit: What is counted.
        total: How much there is to do, if that is known.
    """
    pace = Pace(unit, total)
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        with _on_terminal(title, pace) as advance:
            yield advance
    else:
        yield _logged(title, pace)


@contextmanager
def _on_terminal(title: str, pace: Pace) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn
    from rich.text import Text

    class Line(TextColumn):
        def render(self, task: object) -> Text:
            return Text(f"{title}: {pace.text()}")

    with Progress(
        SpinnerColumn(),
        Line(""),
        console=Console(file=sys.__stderr__),
        refresh_per_second=_REFRESHES_A_S,
        disable=not _shown,
    ) as progress:
        progress.add_task(title, total=None)
        yield pace.advance


def _logged(title: str, pace: Pace) -> Advance:
    told_s = monotonic_s()

    def advance(done: int, records: int = 0) -> None:
        nonlocal told_s
        pace.advance(done, records)
        if monotonic_s() - told_s >= LOGGED_EACH_S:
            told_s = monotonic_s()
            _log.info("%s: %s", title, pace.text())

    return advance
