"""``--strict``: nothing is made of events unless all of them are taken."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from events.checking import Checker
from events.errors import TidemarkError
from events.sources.registry import SOURCES
from streams.cli.check_report import finding_line
from streams.clock import now_ms
from streams.local.sources import FileSource
from streams.settings import Settings
from streams.source import HistorySource


class StrictError(TidemarkError):
    """Not all was taken, and it was to be."""


def add_strict(command: argparse.ArgumentParser) -> None:
    """Declares ``--strict``."""
    command.add_argument(
        "--strict",
        action="store_true",
        help="say all that is wrong as tidemark check does, and fail unless all is taken",
    )


class Strict:
    """Checks what a command reads.

    Attributes:
        checker: What it has found.
    """

    def __init__(self, settings: Settings) -> None:
        self.checker = Checker(now_ms(), settings.dialect, SOURCES)

    def look(self, source: HistorySource, values: Sequence[bytes]) -> None:
        """Looks at a batch of a source.

        Raises:
            StrictError: If the whole source is something else.
        """
        name = "stdin" if source.name == "-" else source.name
        if isinstance(source, FileSource) and source.form is not None:
            self.checker.form(name, source.form)
            raise self._error("nothing is made of it")
        self.checker.take(name, source.numbers, values)

    def now(self) -> None:
        """Fails if anything was lost so far: what follows is not waited for.

        Raises:
            StrictError: If so.
        """
        if self.checker.findings.lost:
            raise self._error("it ends here")

    def end(self, rejected: Mapping[str, int]) -> None:
        """Fails if anything was lost, or if there was nothing; says what looks wrong, too.

        Args:
            rejected: Records that were not folded, by reason, those found here among them.

        Raises:
            StrictError: If so.
        """
        self.checker.end()
        if self.checker.findings.lost or rejected:
            raise self._error("nothing is made of it")
        self._say()
        if not self.checker.profile.taken:
            raise StrictError("--strict: there is no event in it")

    def _error(self, then: str) -> StrictError:
        self._say()
        return StrictError(f"--strict: not all is taken, so {then}")

    def _say(self) -> None:
        for finding in self.checker.findings:
            print(f"tidemark: {finding_line(finding)}", file=sys.stderr)
