"""The places that clients have, and the queue of those who wait for one."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from exporters.http.traffic import Refusal, Traffic

PLACES_MAX: Final = 64
"""Clients connected at once; a few scrapers, people and probes stay far below."""

QUEUE_MAX: Final = 192
"""Clients that wait for a place: with those who have one, as many sockets as any system allows."""

TURN_S: Final = 5.0
"""For a place to become free; a request takes milliseconds, a scrape tenths of a second."""

GRACE_S: Final = 1.0
"""For which whoever has a place may wait without giving way: a request that is sent at once is here
within a round trip or two."""

GiveWay = Callable[[], object]


class _Queued(NamedTuple):
    guest: object
    give_way: GiveWay
    turn: "asyncio.Future[None]"


class Places:
    """Who is connected, up to a bound, in the order of their coming.

    Where all places are taken, whoever has waited longest without a request gives way, once it had
    time to send one. So clients that only hold a connection, whatever their number, keep nobody
    out, and a crowd of those who send is served one after the other.
    """

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._taken: dict[object, None] = {}
        self._waiting: dict[object, tuple[float, GiveWay]] = {}
        self._queue: deque[_Queued] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def are_wanted(self) -> bool:
        """Whether somebody waits for one."""
        return bool(self._queue)

    async def take(self, guest: object, give_way: GiveWay) -> bool:
        """Gives a place to a guest, who waits from then on; returns whether there was one in time.

        Args:
            guest: Who it is.
            give_way: Ends its stay, for another.
        """
        if not self._queue and self._has_room():
            self._seat(guest, give_way)
            return True
        if len(self._queue) >= QUEUE_MAX:
            return False
        queued = _Queued(guest, give_way, asyncio.get_running_loop().create_future())
        self._queue.append(queued)
        self._let_in()
        try:
            async with asyncio.timeout(TURN_S):
                await queued.turn
        except TimeoutError:
            return guest in self._taken
        finally:
            if queued in self._queue:
                self._queue.remove(queued)
            self._count()
        return True

    def wait(self, guest: object, give_way: GiveWay) -> None:
        """Notes that a guest waits: it may have to give way, as the last of those who wait."""
        if guest in self._taken:
            self._waiting.pop(guest, None)
            self._waiting[guest] = asyncio.get_running_loop().time(), give_way
            self._let_in()

    def busy(self, guest: object) -> None:
        """Notes that a guest is being answered."""
        self._waiting.pop(guest, None)
        self._count()

    def leave(self, guest: object) -> None:
        """Frees a guest's place."""
        self._waiting.pop(guest, None)
        self._taken.pop(guest, None)
        self._let_in()

    def _let_in(self) -> None:
        """Seats those in the queue for whom there is room; looks again when somebody must go."""
        while self._queue and self._has_room():
            queued = self._queue.popleft()
            if not queued.turn.done():
                self._seat(queued.guest, queued.give_way)
                queued.turn.set_result(None)
        if self._queue and self._waiting and self._timer is None:
            since_s, _ = next(iter(self._waiting.values()))
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(since_s + GRACE_S, self._look_again)
        self._count()

    def _look_again(self) -> None:
        self._timer = None
        self._let_in()

    def _has_room(self) -> bool:
        """Returns whether a place is free, or can be made so."""
        if len(self._taken) < PLACES_MAX:
            return True
        if not self._waiting:
            return False
        longest, (since_s, give_way) = next(iter(self._waiting.items()))
        if asyncio.get_running_loop().time() < since_s + GRACE_S:
            return False
        del self._waiting[longest], self._taken[longest]
        self.traffic.refusals[Refusal.CROWDED_OUT] += 1
        give_way()
        return True

    def _seat(self, guest: object, give_way: GiveWay) -> None:
        self._taken[guest] = None
        self._waiting[guest] = asyncio.get_running_loop().time(), give_way
        self._count()

    def _count(self) -> None:
        self.traffic.queued = len(self._queue)
        self.traffic.waiting = len(self._waiting)
        self.traffic.answering = len(self._taken) - len(self._waiting)
