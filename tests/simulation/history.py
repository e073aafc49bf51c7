"""One history: what happens to an installation by a seed, and what its figures must be."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from faust.types import TP

from aggregates.ledger.measure import Segment, Series
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from exporters.feed import FeedState
from exporters.service_metrics import lags
from streams.kafka.dead_letter import Origin, unpack_dead_letter
from streams.kafka.placement import partition_of
from streams.local.intake import Intake
from tests.simulation.logs import places_of
from tests.simulation.loop import Clock
from tests.simulation.process import NAMES, WorkerProcess
from tests.simulation.world import PARTITIONS, World

Cells = Mapping[tuple[Series, Segment, int], int]

WORKERS_MAX: Final = 3
STEPS_MAX: Final = 60_000
"""Turns in which every history comes to rest; most need a twentieth."""

_MOVES: Final = (b"account.merged", b"account_changed", b"subscription.transferred")
"""Types of events by which what is told in one partition counts in another."""

TROUBLES_MAX: Final = 5
"""Hard times of a history; between them it may come to rest or not."""


@dataclass
class Told:
    """What was done to an installation, and what was seen meanwhile.

    Attributes:
        seed: Names the history.
        done: How often each thing was done.
        turns: Turns that were given.
        checked: How often figures that were shown meanwhile were right.
    """

    seed: int
    done: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    checked: int = 0


class History:
    """A history under way."""

    def __init__(self, plan: Plan, records: Sequence[bytes], told: Told, clock: Clock) -> None:
        """Takes what is produced, in its order, where to note what is done, and the clock."""
        self.told = told
        self._plan = plan
        self._records = list(records)
        self._has_moves = any(moves in each for each in records for moves in _MOVES)
        self._world = World(told.seed, clock)
        self._produced = 0
        self._processes: list[WorkerProcess] = []
        self._started = 0

    def run(self) -> None:
        """Runs it, and holds its end against a fold of all records by one process.

        Raises:
            AssertionError: If anything is not as it must be.
        """
        with self._world.loop.current():
            try:
                self._play()
            finally:
                for process in self._processes:
                    process.kill()
                self._world.loop.settle()

    def _play(self) -> None:
        world = self._world
        self._start()
        world.losses = world.random.choice((0.0, 0.02))
        self._go_on(world.random.randint(0, 200))
        for _ in range(world.random.randint(1, TROUBLES_MAX)):
            for _ in range(world.random.randint(1, 4)):
                self._harm()
                self._go_on(world.random.randint(0, 20))
            if world.chance(0.7):
                self._heal()
            self._go_on(world.random.randint(10, 250))
            self._look()
        self._come_to_rest()
        self._compare()

    def _go_on(self, turns: int) -> None:
        for _ in range(turns):
            self._turn()
            if self._world.chance(0.2):
                self._produce()

    def _turn(self) -> None:
        self.told.turns += 1
        self._world.step()
        self._world.clock.pass_by(self._world.random.random() / 20)
        self._supervise()

    def _start(self) -> None:
        self._started += 1
        self._processes.append(WorkerProcess(self._world, f"w{self._started}", self._plan))

    def _supervise(self) -> None:
        """Starts again what ended itself; only a zombie may."""
        dead = [each for each in self._processes if each.dead]
        for process in dead:
            self._processes.remove(process)
            if process.failure is not None:
                if getattr(process.failure, "reason", "") != "fenced":
                    raise process.failure
                self.told.done["fenced"] += 1
                self._start()
        if not self._processes:
            self._start()

    # What happens --------------------------------------------------------------------------------

    def _produce(self) -> None:
        if self._produced == len(self._records):
            return
        record = self._records[self._produced]
        self._produced += 1
        poisoned = TP(NAMES.source("ticket"), self._produced % PARTITIONS), b"poison"
        for tp, key in places_of(record, PARTITIONS) or [poisoned]:
            self._world.broker.append(tp, key, record)

    def _harm(self) -> None:
        what = self._world.random.choice(list(_HARMS))
        if _HARMS[what](self):
            self.told.done[what] += 1

    def _one(self) -> WorkerProcess:
        return self._world.random.choice(self._processes)

    def _kill(self) -> bool:
        self._one().kill()
        return True

    def _doom(self) -> bool:
        """One is killed in the middle of its next checkpoint, or of one after it."""
        self._one().doomed = True
        return True

    def _join(self) -> bool:
        if len(self._processes) == WORKERS_MAX:
            return False
        self._start()
        return True

    def _pause(self) -> bool:
        process = self._one()
        process.paused = not process.paused
        return process.paused

    def _make_zombie(self) -> bool:
        """One stands still for so long that the others take over what it has."""
        if len(self._processes) == 1:
            self._start()
        self._one().paused = True
        return self._expire()

    def _expire(self) -> bool:
        """The sessions of all that stand still or are dead come to their end."""
        world = self._world
        world.clock.pass_by(11)
        silent = [m for m in world.group.members if m.dead or m.paused]
        world.group.expel(silent)
        return bool(silent)

    def _fail_writes(self) -> bool:
        random = self._world.random
        stored = [random.random() < 0.5 for _ in range(random.randint(1, 4))]
        self._world.broker.failing.extend(stored)
        return True

    def _compact(self) -> bool:
        number = self._world.random.randrange(PARTITIONS)
        for name in NAMES.compacted:
            self._world.broker.compact(TP(name, number))
        return True

    def _lose_board(self) -> bool:
        self._world.kill_board()
        return True

    def _dump_board(self) -> bool:
        self._world.dump_board()
        return True

    def _silence_board(self) -> bool:
        self._world.board_fails = not self._world.board_fails
        return self._world.board_fails

    def _rebalance(self) -> bool:
        self._world.group.rebalance()
        return True

    def _wait(self) -> bool:
        self._world.clock.pass_by(self._world.random.choice((1, 6, 20)))
        return True

    # What must hold ------------------------------------------------------------------------------

    def _look(self) -> None:
        """Whatever is shown as whole is what follows from the records read so far."""
        state = self._shown()
        if state is None or self._has_moves:
            return
        shards = []
        for each in state.partitions:
            assert each.status is not None
            number = each.partition
            shards.append(self._folded(number, each.status.topics))
        assert self._cells() == _sum(shards), f"shown after {self.told.turns} turns"
        self.told.checked += 1

    def _folded(self, number: int, topics: Mapping[str, Any]) -> Shard:
        shard = Shard(self._plan, number, bulk=True, holds=_holds(number))
        for name, reached in topics.items():
            tp = TP(NAMES.source(name), number)
            records = self._world.broker.stretch(tp, 0, reached.offset)
            batch = Decoder(topic=name).decode([record.value for record in records])
            batch.key_at = lambda index, read=records: read[index].key
            shard.fold(name, batch)
        shard.settle()
        return shard

    def _shown(self) -> FeedState | None:
        if self._world.board_fails:
            return None
        self._world.feed.refresh()
        state = self._world.feed.state()
        return state if state.complete else None

    def _cells(self) -> Cells:
        return _cells(self._world.feed.ledger.cells)

    def _heal(self) -> None:
        """Ends what makes processes wait; those that died are missed."""
        world = self._world
        world.board_fails = False
        world.broker.failing.clear()
        for process in self._processes:
            process.paused = False
        world.group.expel([member for member in world.group.members if member.dead])

    def _come_to_rest(self) -> None:
        """Waits until everything is produced, folded, stored and shown."""
        self._world.losses = 0.0
        while True:
            self._heal()
            self._produce()
            self._turn()
            if self.told.turns % 20 == 0 and self._is_settled():
                state = self._shown()
                if state is not None and self._reaches_the_ends(state):
                    return
            assert self.told.turns < STEPS_MAX, "it does not come to rest"

    def _is_settled(self) -> bool:
        return self._produced == len(self._records) and all(p.settled for p in self._processes)

    def _reaches_the_ends(self, state: FeedState) -> bool:
        """Whether all is shown; a lag of 0 is as of the last publish, and more may have come."""
        ends, lagging = self._world.broker.ends, sum(lags(state.partitions).values())
        return not lagging and all(
            topic.offset == ends[TP(NAMES.source(name), each.partition)]
            for each in state.partitions
            if each.status is not None
            for name, topic in each.status.topics.items()
        )

    def _compare(self) -> None:
        world = self._world
        intake = Intake(self._plan, 1, bulk=True)
        intake.take(self._records)
        intake.settle()
        assert self._cells() == _sum(intake.shards)
        letters: defaultdict[Origin, str] = defaultdict(str)
        for number in range(PARTITIONS):
            for record in world.broker.logs[TP(NAMES.dead_letters, number)]:
                letter = unpack_dead_letter(record.value)
                letters[letter.origin] = letter.reason
        assert Counter(letters.values()) == intake.rejected
        ends = {TP(NAMES.source(t), n) for t in TOPICS for n in range(PARTITIONS)}
        assert {tp: world.committed[tp] for tp in ends} == {
            tp: world.broker.ends[tp] for tp in ends
        }


_HARMS: Final[Mapping[str, Callable[[History], bool]]] = {
    "kill": History._kill,  # noqa: SLF001
    "kill half-way": History._doom,  # noqa: SLF001
    "join": History._join,  # noqa: SLF001
    "pause": History._pause,  # noqa: SLF001
    "make zombie": History._make_zombie,  # noqa: SLF001
    "expire": History._expire,  # noqa: SLF001
    "fail writes": History._fail_writes,  # noqa: SLF001
    "compact": History._compact,  # noqa: SLF001
    "lose board": History._lose_board,  # noqa: SLF001
    "dump board": History._dump_board,  # noqa: SLF001
    "silence board": History._silence_board,  # noqa: SLF001
    "rebalance": History._rebalance,  # noqa: SLF001
    "wait": History._wait,  # noqa: SLF001
}


def _holds(number: int) -> Callable[[str], bool]:
    return lambda account: partition_of(account, PARTITIONS) == number


def _sum(shards: Sequence[Shard]) -> Cells:
    found: defaultdict[tuple[Series, Segment, int], int] = defaultdict(int)
    for shard in shards:
        for at, delta in _cells(shard.ledger.cells).items():
            found[at] += delta
    return {at: delta for at, delta in found.items() if delta}


def _cells(cells: Any) -> Cells:
    return {
        (series, segment, tile): delta
        for (series, segment), tiles in cells.items()
        for tile, delta in tiles.items()
        if delta
    }
