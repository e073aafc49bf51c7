"""Stays: which account has a subscription when, where it goes from one to another."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.revenue.life import SELF, Word
from aggregates.revenue.phase import TRANSFERRED

EVER: Final = -FOREVER
"""Before all instants."""


class Stay(NamedTuple):
    """A time in which an account has a subscription; instants are ms of the epoch.

    Attributes:
        begin_ms: When it comes.
        end_ms: When it leaves, or ``FOREVER``.
        account: The account.
        place: The place of the fact that says that it comes; 0 if it is there from the start.
        end_place: The place of the fact that says that it leaves.
    """

    begin_ms: int
    end_ms: int
    account: str
    place: int = 0
    end_place: int = 0

    @property
    def comes(self) -> bool:
        """Whether it comes from another account."""
        return self.begin_ms > EVER


Stays = Sequence[Stay]
"""Where a subscription is in turn, from ever to ever."""


HERE: Final = (Stay(EVER, FOREVER, SELF),)
"""Where a subscription is that goes nowhere."""


def stays_of(told: Sequence[Word]) -> Stays:
    """Returns where a subscription is in turn; it begins where it was told of before it went."""
    moves = [word for word in told if word.fact.type == TRANSFERRED]
    moves = [word for word in moves if word.fact.data["of"] != word.fact.data["into"]]
    if not moves:
        tellers = {word.teller for word in told}
        if tellers <= {SELF}:
            return HERE
        return (Stay(EVER, FOREVER, min(tellers)),)
    owner = _first_owner(moves, told)
    entries: list[tuple[int, int, str]] = [(EVER, 0, owner)]
    for word in _in_turn(moves, owner):
        at_ms, into = word.fact.effective_ms, word.fact.data["into"]
        if entries[-1][0] == at_ms:  # it only passed through
            entries.pop()
        if not entries or entries[-1][2] != into:
            entries.append((at_ms, word.place, into))
    after = [(begin_ms, place) for begin_ms, place, _ in entries[1:]] + [(FOREVER, 0)]
    return tuple(
        Stay(begin_ms, end_ms, account, place, end_place)
        for (begin_ms, place, account), (end_ms, end_place) in zip(entries, after, strict=True)
    )


def _first_owner(moves: Sequence[Word], told: Sequence[Word]) -> str:
    """Returns where a subscription begins: of accounts that it left first, who told of it then."""
    first = [word.fact for word in moves if _turn(word) == _turn(moves[0])]
    taking: list[str] = [fact.data["into"] for fact in first]
    leaving: list[str] = [fact.data["of"] for fact in first]
    begins = [account for account in leaving if account not in taking] or leaving
    went_ms = first[0].effective_ms
    states = [(w.teller, w.fact.effective_ms) for w in told if w.fact.type != TRANSFERRED]
    tellers = {teller for teller, at_ms in states if at_ms <= went_ms}
    early = {teller for teller, at_ms in states if at_ms < went_ms}
    if not tellers.isdisjoint(begins):
        return next(account for account in begins if account in tellers)
    return next((account for account in taking if account in early), begins[0])


def _in_turn(moves: Iterable[Word], owner: str) -> Iterator[Word]:
    """Yields transfers in order; of several at one instant each goes on from the one before."""
    for _, group in groupby(moves, key=_turn):
        waiting = list(group)
        while waiting:
            word = next((each for each in waiting if each.fact.data["of"] == owner), waiting[0])
            waiting.remove(word)
            owner = word.fact.data["into"]
            yield word


def _turn(word: Word) -> tuple[int, str, int]:
    return word.fact.effective_ms, word.fact.sequence, word.fact.time_ms
