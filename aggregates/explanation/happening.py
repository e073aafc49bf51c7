"""What happened: an event, whose it is, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from aggregates.explanation.headline_changes import HeadlineChange
from aggregates.explanation.in_time import AnyEvent
from events.records import HotEvent


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and what it changed.

    Attributes:
        at_ms: From when it counts, ms of the epoch.
        type: Its type.
        id: Its id.
        source: Its source.
        accounts: Its account, and the one that something goes to; none if it is of no account.
        changes: The headlines that it changed, in the order of the catalogue.
        count: How many events there are: uses and sessions of a user on one day are told as one.
        others: Events that came with it and are not told one by one.
    """

    at_ms: int
    type: str
    id: str
    source: str
    accounts: tuple[str, ...]
    changes: Sequence[HeadlineChange]
    count: int = 1
    others: int = 0


def happening_of(
    event: AnyEvent, changes: Sequence[HeadlineChange] = (), count: int = 1
) -> Happening:
    """Returns what happened by an event, or by several that are told as one."""
    if isinstance(event, HotEvent):
        accounts: tuple[str, ...] = (event.data.account_id,)
    else:
        accounts = () if event.account_id is None else event.keys
    told = tuple(changes)
    return Happening(event.effective_ms, event.type, event.id, event.source, accounts, told, count)
