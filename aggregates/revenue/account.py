"""An account's revenue at an instant, and the group of changes that it may be inside of."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.revenue.movement import NONE, Movements
from aggregates.revenue.movement_group import MovementGroup
from aggregates.revenue.plan_revenue import PlanPays
from aggregates.revenue.regrouping import Course, Inside, course_of


class RevenueLevels(NamedTuple):
    """The levels of an account from a tile on; money is micro-units a month.

    Attributes:
        mrr: Monthly recurring revenue.
        billed: The same less discounts for once.
        committed: The same without what is known to end or to be replaced, with what is known to
            begin.
        past_due: The part of it whose payment is late.
        paying: 1 if there is revenue, or a free plan that keeps a customer, else 0.
        paused: 1 if it does not pay, but all that did is paused, else 0.
        cancellations: Times that it asked to cancel, till then.
        contracted: The part of the revenue of subscriptions inside a term that was told.
    """

    mrr: int = 0
    billed: int = 0
    committed: int = 0
    past_due: int = 0
    paying: int = 0
    paused: int = 0
    cancellations: int = 0
    contracted: int = 0


class AccountRevenue(NamedTuple):
    """An account from a tile on.

    Attributes:
        levels: Its MRR and other levels.
        moved: The sums of its movements till then.
        pays: What it pays for each plan.
        inside: Where in a group of changes the tile is, if windows that begin at it need that.
    """

    levels: RevenueLevels = RevenueLevels()
    moved: Movements = NONE
    pays: PlanPays = ()
    inside: Inside | None = None

    def course(self, figures: Callable[[Movements], tuple[int, ...]]) -> Course:
        """Returns some figures of its movements as windows see them."""
        return course_of(self.moved, self.inside, figures)


NOTHING: Final = AccountRevenue()
"""The state before the first step."""


class OpenGroup:
    """A group of changes that goes on, and the parts of it that windows see.

    Attributes:
        first: The place of the first state that it made.
        tile: The tile of its last change.
        whole: The group.
        parts: What follows on each of its tiles but the last.
    """

    def __init__(self, whole: MovementGroup, first: int, tile: int) -> None:
        self.first = first
        self.tile = tile
        self.whole = whole
        self.parts: list[MovementGroup] = []

    def every(self) -> Iterator[MovementGroup]:
        """Yields the whole and its parts."""
        yield self.whole
        yield from self.parts

    def inside(self) -> Inside | None:
        """Returns where in it the present is."""
        if not self.parts:
            return None
        since = tuple(part.moved for part in self.parts)
        return Inside(self.whole.begin_ms, len(since), since, NONE)

    def closed(self, states: Sequence[tuple[int, AccountRevenue]]) -> Iterator[AccountRevenue]:
        """Yields its states as windows see them that begin there."""
        ends = [part.moved for part in self.parts]
        last = states[-1][1].moved
        for _, state in states:
            inside = state.inside or Inside(self.whole.begin_ms, 0, (), NONE)
            if inside.place < len(ends):
                rest = ends[inside.place].minus(last.minus(state.moved))
                inside = inside._replace(rest=rest)
            yield state._replace(inside=inside)
