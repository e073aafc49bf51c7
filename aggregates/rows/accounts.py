"""Account facts: the attributes that label measures, internal accounts and merges."""

from collections.abc import Iterable
from typing import Any, Final, cast

from aggregates.ledger.measure import UNKNOWN
from aggregates.rows.family import Account
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from events import Event
from events.account import AccountAttributes, AccountMerged
from events.fields import label_of

_MERGED: Final = "account.merged"

_GONE: Final = ""
"""What is kept of an attribute that an event takes away: no event gives an empty one."""


class Accounts(HistoryKind[History]):
    """One row an account, of its attribute changes and merges."""

    def __init__(self, attributes: tuple[str, ...] = ()) -> None:
        """Declares the kind.

        Args:
            attributes: Which of the producers' own attributes are kept; the declared ones all are.
        """
        super().__init__(
            History,
            name="account",
            topic="account",
            types={"account.created", "account.updated", _MERGED},
            keep=lambda event: _kept(event, attributes),
            version=2,
        )


def _kept(event: Event, attributes: tuple[str, ...]) -> dict[str, Any]:
    """Returns the attributes that the event gives or takes away."""
    data = event.data
    if event.type == _MERGED:
        into = cast(AccountMerged, data).into_account_id
        return {"account_id": data.account_id, "into_account_id": into}
    told = {name: getattr(data, name) for name in AccountAttributes.PARTIAL if name in event.told}
    kept = {name: _GONE if value is None else value for name, value in told.items()}
    own = {name: label_of(event.own[name]) for name in attributes if name in event.own}
    return {"account_id": data.account_id, **kept, **own}


ACCOUNTS: Final = Accounts()
"""Accounts without attributes of producers' own."""


def merged_into(key: str, row: History | None) -> str | None:
    """Returns the account that an account was merged into, by the last fact that says so.

    Args:
        key: The account's id.
        row: Its facts, or None if there are none.
    """
    for fact in reversed(row.unretracted() if row else ()):
        if fact.type == _MERGED and fact.data["account_id"] == key:
            into: str = fact.data["into_account_id"]
            if into != key:
                return into
    return None


def account_view(
    rows: Iterable[History], attributes: tuple[str, ...], merged: frozenset[str] = frozenset()
) -> Account:
    """Returns what is known of an account: of each attribute the last value given.

    Args:
        rows: Its facts, then those of accounts that were merged into it, which fill gaps: those
            of the nearest first.
        attributes: The attributes that label measures.
        merged: The ids of those accounts.
    """
    known: dict[str, Any] = {}
    for row in rows:
        told: dict[str, Any] = {}
        for fact in row.unretracted():
            if fact.type != _MERGED:
                told |= fact.data
        known = told | known
    segment = tuple(label_of(known.get(name, _GONE)) or UNKNOWN for name in attributes)
    return Account(segment, bool(known.get("is_internal", False)), merged)
