"""The watcher: scrapes all along, and keeps what was shown together with how far that was.

A board holds, with each partition's cells, the offsets that they cover. A scrape between two looks
at an unchanged board therefore belongs to a known part of the log, and can be compared with a fold
of that part: what is shown as whole must be right for it, whatever happens meanwhile.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Final, NamedTuple

from typing_extensions import override

from aggregates.shard.board import BoardView, PartitionStatus, Position
from exporters.boards.redis_board import RedisBoard
from exporters.feed import Feed
from tests.end_to_end.exporter import Exporter, Scrape
from tests.faults.log import Offsets

EVERY_S: Final = 1.0
"""Between two scrapes."""

KEPT_MAX: Final = 6
"""Scrapes that are compared, chosen at random from all that can be."""

LATE_S: Final = 30.0
"""Twice the time after which figures are stale: what the log has held for so long is in them, or
there is a lag."""

ROUNDING_S: Final = 0.01
"""More than an age is rounded by."""

_LAG: Final = re.compile(r"^tidemark_lag_records{.*} (\S+)$", re.MULTILINE)
_AGE: Final = re.compile(r'^tidemark_board_age_seconds{partition="(\d+)"} (\S+)$', re.MULTILINE)
_COMPLETE: Final = "tidemark_board_complete 1.0\n"


class Shown(NamedTuple):
    """A scrape that said it was whole, and what it is of.

    Attributes:
        offsets: How far the log had been read.
        scrape: The scrape.
    """

    offsets: Offsets
    scrape: Scrape


@dataclass
class Watched:
    """What a watcher saw.

    Attributes:
        whole: Scrapes that said they were whole.
        held_back: Scrapes that showed no KPI, and said so.
        known: Whole ones of which it is known how far the log had been read.
        kept: Some of those.
        wrong: What must not be seen at any time, in words.
        reached: Records that the figures on the board covered when it was last looked at.
    """

    whole: int = 0
    held_back: int = 0
    known: int = 0
    kept: list[Shown] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    reached: int = 0


class _AskedBoard(RedisBoard):
    """A board that knows whether it answered the last time.

    Who cannot read it holds what it read last, for as long as that is fresh: an exporter another
    state than the watcher.
    """

    answered = False

    @override
    def read(self, since: Mapping[int, Position]) -> BoardView:
        self.answered = False
        found = super().read(since)
        self.answered = True
        return found


class Watcher:
    """Watches an exporter and its board from a thread, until it is stopped."""

    def __init__(
        self,
        exporter: Exporter,
        redis_url: str,
        rng: Random,
        told: Callable[[], int],
        beside: Callable[[], None],
    ) -> None:
        """Takes what to watch.

        Args:
            exporter: What users see.
            redis_url: Where its board is.
            rng: Chooses the scrapes that are kept.
            told: How many records the log holds at least.
            beside: Is called in each round as well.
        """
        self.seen = Watched()
        self._exporter = exporter
        self._told = told
        self._known_told: list[tuple[float, int]] = []
        self._beside = beside
        self._rng = rng
        self._board = _AskedBoard(redis_url)
        self._feed = Feed(self._board)
        self._owners: dict[tuple[int, int], set[str]] = defaultdict(set)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher")
        self._problem: Exception | None = None

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> Watched:
        """Stops watching; returns what was seen.

        Raises:
            AssertionError: The exporter ended, or did not answer.
        """
        self._stop.set()
        self._thread.join()
        self._board.close()
        if self._problem is not None:
            raise AssertionError(f"the watcher ended: {self._problem!r}") from self._problem
        for (generation, partition), owners in self._owners.items():
            if len(owners) > 1:
                names = ", ".join(sorted(owners))
                self.seen.wrong.append(f"{partition} in generation {generation} has {names}")
        return self.seen

    def _run(self) -> None:
        try:
            while not self._stop.wait(EVERY_S):
                self._beside()
                self._look()
        except Exception as error:
            self._problem = error

    def _look(self) -> None:
        now_s = time.monotonic()
        self._known_told.append((now_s, self._told()))
        before = self._read()
        ages_s, since_s = self._ages_s(), time.monotonic()
        status, text = self._exporter.get("/metrics")
        passed_s = time.monotonic() - since_s
        after = self._read()
        seen = self.seen
        if status != 200:
            seen.wrong.append(f"a scrape answered {status}: {text[:200]}")
        elif _COMPLETE not in text:
            seen.held_back += 1
            if "\ncs_" in text:
                seen.wrong.append("KPIs are shown while the board is not whole")
        else:
            seen.whole += 1
            as_new = all(
                float(age_s) <= ages_s[int(partition)] + passed_s + ROUNDING_S
                for partition, age_s in _AGE.findall(text)
            )
            if before is not None and before == after and as_new:
                self._keep(Shown(before[1], Scrape(text)))
                self._check_lag(before[1], text, now_s)

    def _ages_s(self) -> dict[int, float]:
        """How old what the board holds of each partition is: an exporter has it no older.

        One that could not read the board, between two looks at it, shows what it read before.
        """
        ages_s: defaultdict[int, float] = defaultdict(lambda: inf)
        ages_s.update((each.partition, each.age_s) for each in self._feed.state().partitions)
        return ages_s

    def _check_lag(self, offsets: Offsets, text: str, now_s: float) -> None:
        """What was told long ago is in the figures, unless they say that they are behind."""
        long_ago = max(
            (told for at_s, told in self._known_told if at_s < now_s - LATE_S), default=0
        )
        behind = any(float(lag) for lag in _LAG.findall(text))
        if sum(offsets.values()) < long_ago and not behind:
            self.seen.wrong.append(
                f"no lag is shown at {sum(offsets.values())} records, "
                f"of {long_ago} that were told {LATE_S:g} s before"
            )

    def _read(self) -> tuple[object, Offsets] | None:
        """Returns what tells one board from another, and the offsets that it covers.

        None if it cannot be read, is not whole, or if figures wait to be computed anew, as its
        status says then.
        """
        self._feed.refresh()
        state = self._feed.state()
        statuses = {p.partition: p.status for p in state.partitions if p.status is not None}
        for partition, status in statuses.items():
            self._owners[status.generation, partition].add(status.owner)
        if not (self._board.answered and state.complete) or _unsettled(statuses):
            return None
        offsets = {
            (topic, partition): progress.offset
            for partition, status in statuses.items()
            for topic, progress in status.topics.items()
        }
        self.seen.reached = sum(offsets.values())
        return (self._feed.version, [p.generation for p in state.partitions]), offsets

    def _keep(self, shown: Shown) -> None:
        """Keeps each with the same chance, however many there will be."""
        seen = self.seen
        seen.known += 1
        if len(seen.kept) < KEPT_MAX:
            seen.kept.append(shown)
        elif (place := self._rng.randrange(seen.known)) < KEPT_MAX:
            seen.kept[place] = shown


def _unsettled(statuses: Mapping[int, PartitionStatus]) -> bool:
    """Whether health scores wait, or partitions differ on the rows of merged accounts they sent."""
    ends = {number: status.moved_end for number, status in statuses.items()}
    return any(
        status.deferred
        or status.moved_waiting
        or any(ends.get(n, 0) != heard for n, heard in enumerate(status.moved_heard))
        for status in statuses.values()
    )
