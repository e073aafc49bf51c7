"""The embedded service over a data folder: it goes on where it was, whatever ended it."""

import logging
import threading
from collections.abc import Callable, Sequence

from aggregates.shard.plan import Plan
from events import Decoder
from events.dialect import Dialect
from events.log import Letter, Stored
from streams.local.data.database import DatabaseError
from streams.local.data.folder import DataFolder, UnusableRowsError
from streams.local.embedded import Embedded

_log = logging.getLogger(__name__)


class Durable:
    """An embedded service whose events come from the log of a folder.

    Attributes:
        embedded: The partitions and their board.
        number: The last event that was folded.
        anew: Why all events are folded anew, or None if the stored rows could be used.
    """

    def __init__(self, plan: Plan, dialect: Dialect, folder: DataFolder) -> None:
        """Restores the rows of a folder.

        Raises:
            DatabaseError: If a new file cannot be made of rows that are of no use.
        """
        self._folder = folder
        self._stored = 0
        self._failing = False
        self.anew: str | None = None
        self.embedded = Embedded(plan, dialect)
        try:
            self.number = self._restore()
        except UnusableRowsError as error:
            self.anew = str(error)
            self.embedded = Embedded(plan, dialect)
            self.number = 0
        self._stored = self.number

    def _restore(self) -> int:
        embedded = self.embedded
        number = self._folder.restore(embedded.intake.shards, embedded.fingerprint)
        if number:
            # From here on what changes is noted, which folding in bulk does not do.
            embedded.intake.settle()
        return number

    def load(self, stop: threading.Event, progress: Callable[[int], None]) -> None:
        """Folds what the log holds beyond the rows; ``progress`` gets the number of each batch.

        Without rows that is the whole log, in bulk: they can be stored after the first ``publish``.
        What is accepted meanwhile is left to ``follow``.
        """
        for number, events in self._folder.log.read(self.number, self._folder.log.last):
            if stop.is_set():
                return
            self.embedded.take(events)
            self.number = number
            progress(len(events))

    def follow(self, stop: threading.Event, flush_s: float) -> None:
        """Folds events as they are accepted, publishes and stores, until the stop is set.

        Each time no more than what is there when it begins: with events that come without a pause
        it would never publish.
        """
        while not stop.wait(flush_s):
            for number, events in self._folder.log.read(self.number, self._folder.log.last):
                self.embedded.take(events)
                self.number = number
                if stop.is_set():
                    break
            self.embedded.publish()
            self.store()

    def store(self) -> None:
        """Stores the rows as they are; if the disk does not take them, that waits for the next."""
        if self.number == self._stored:
            return
        embedded = self.embedded
        try:
            with embedded.rows_lock:
                self._folder.store(embedded.intake.shards, self.number, embedded.fingerprint)
        except DatabaseError as error:
            if not self._failing:
                _log.warning("rows cannot be stored, a restart would take longer: %s", error)
            self._failing = True
            return
        self._stored, self._failing = self.number, False


class Acceptance:
    """Lets lines into the log: what is an event becomes one, what is none is kept as a letter."""

    def __init__(self, folder: DataFolder, dialect: Dialect, clock_ms: Callable[[], int]) -> None:
        self._log = folder.log
        self._decoder = Decoder(dialect)
        self._clock_ms = clock_ms

    def accept(self, lines: Sequence[bytes], origin: str) -> tuple[Stored, int]:
        """Appends lines; they are on the disk when it returns.

        Args:
            lines: One event each, or what should be one.
            origin: Where they come from, for the letters.

        Returns:
            What became of the events, and how many lines are none.

        Raises:
            LogError: If the disk does not take them: then none of them is in the log.
        """
        rejects = self._decoder.decode(lines).rejects
        refused = {reject.index for reject in rejects}
        letters = [Letter(origin, each.reason, each.detail, bytes(each.raw)) for each in rejects]
        kept = [line for index, line in enumerate(lines) if index not in refused]
        [stored] = self._log.append([(kept, letters)], self._clock_ms())
        return stored, len(letters)
