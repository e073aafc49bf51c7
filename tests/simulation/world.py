"""The world of a simulation: chance, time, a group, a board, and whose turn it is."""

import asyncio
import copy
from collections import defaultdict
from collections.abc import Collection, Mapping
from random import Random
from typing import Any, Final, Protocol

from faust.types import TP

from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from tests.simulation.broker import Broker
from tests.simulation.loop import Clock, Loop

PARTITIONS: Final = 3


class Member(Protocol):
    """A process, as the world knows it."""

    paused: bool
    dead: bool


class Group:
    """A consumer group: everybody joins, and then each is told the same generation.

    Attributes:
        members: Who is in it, those that died and were not missed yet among them.
        generation: Of the assignment that is in force or being made.
    """

    def __init__(self, random: Random) -> None:
        self.members: list[Any] = []
        self.generation = 0
        self._random = random
        self._joined: list[Any] = []
        self._shares: dict[int, list[int]] = {}

    def generation_of(self, member: Any) -> int | None:
        """Returns the generation in which a member is told its share; None while all have to join.

        To a member it looks as if its heartbeat was refused.
        """
        return self.generation if id(member) in self._shares and member in self.members else None

    def join(self, member: Any) -> int | None:
        """Joins; returns the generation once all have joined."""
        if member not in self.members:
            self.members.append(member)
            self.rebalance()
        if id(member) in self._shares:
            return self.generation
        if member not in self._joined:
            self._joined.append(member)
        if len(self._joined) == len(self.members):
            self._share()
            return self.generation
        return None

    def assigned(self, member: Any) -> Collection[int]:
        """Returns the partitions of a member."""
        return self._shares[id(member)]

    def rebalance(self) -> None:
        """Has everybody join again."""
        self.generation += 1
        self._shares.clear()
        self._joined.clear()

    def expel(self, members: Collection[Any]) -> None:
        """Takes out members whose session has ended."""
        if members:
            self.members = [each for each in self.members if each not in members]
            self.rebalance()

    def _share(self) -> None:
        self._shares = {id(member): [] for member in self.members}
        for number in range(PARTITIONS):
            self._shares[id(self._random.choice(self.members))].append(number)


class World:
    """What processes live in.

    Attributes:
        random: All that is left to chance.
        clock: The only one there is.
        loop: Where all processes run.
        broker: The logs.
        board: The shared board.
        board_fails: Whether it does not answer.
        losses: Chance of a fetched run to be lost inside of a worker.
        group: Who owns what.
        committed: Offsets that were acknowledged.
        feed: The exporter's.
    """

    def __init__(self, seed: int, clock: Clock) -> None:
        self.random = Random(seed)
        self.broker = Broker()
        self.clock = clock
        self.loop = Loop(clock)
        self.board = MemoryBoard(clock)
        self.board_fails = False
        self.losses = 0.0
        self.group = Group(self.random)
        self.committed: dict[TP, int] = defaultdict(int)
        self.feed = Feed(self.board, clock_s=clock)
        self._waiting: list[tuple[Member, asyncio.Future[None]]] = []
        self._dump: Any = None

    def chance(self, share: float) -> bool:
        """Says yes now and then."""
        return self.random.random() < share

    async def turn(self, member: Member) -> None:
        """Waits until it is the turn of whoever stands here."""
        if member.dead:
            raise asyncio.CancelledError
        future = self.loop.create_future()
        self._waiting.append((member, future))
        await future

    def step(self) -> None:
        """Gives a turn to one that waits, by chance; then all go on to where they wait again."""
        waiting = self._waiting = [
            (member, future)
            for member, future in self._waiting
            if not (member.dead or future.cancelled())
        ]
        able = [place for place, (member, _) in enumerate(waiting) if not member.paused]
        if able:
            _, future = waiting.pop(able[int(self.random.random() * len(able))])
            future.set_result(None)
        self.loop.settle()

    # The board -----------------------------------------------------------------------------------

    def dump_board(self) -> None:
        """Keeps what a board that is killed would come back with."""
        self._dump = copy.deepcopy(self.board._slots), self.board._partitions  # noqa: SLF001

    def kill_board(self) -> None:
        """The board is killed, and is back with its last dump, or empty."""
        self.board.flush()
        if self._dump is not None:
            slots, partitions = copy.deepcopy(self._dump)
            self.board._slots.update(slots)  # noqa: SLF001
            self.board._partitions = partitions  # noqa: SLF001

    # What must hold ------------------------------------------------------------------------------

    def take_up(self, positions: Mapping[TP, int]) -> None:
        """Notes from where restored partitions are read on, which the next commit says as well.

        Nothing that was acknowledged is read again, and nothing is passed over.
        """
        for tp, position in positions.items():
            assert position >= self.committed[tp], f"{tp} goes back to {position}"
            assert position <= self.broker.ends[tp], f"{tp} goes on to {position}"
            self.committed[tp] = position
