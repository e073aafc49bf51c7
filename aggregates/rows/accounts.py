"""Account facts: the attributes that label measures, internal accounts and merges."""

from typing import Any, Final, cast

from aggregates.rows.family import Account
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from events import Event
from events.account import AccountMerged

UNKNOWN: Final = "unknown"
"""Label of an attribute that no event has given yet."""


class Accounts(HistoryKind[History]):
    """One row an account, of its attribute changes and merges."""

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a merge under both accounts, other facts under their own."""
        if event.type != "account.merged":
            return (event.key,)
        return event.key, cast(AccountMerged, event.data).into_account_id


def _kept(event: Event) -> dict[str, Any]:
    """Returns the attributes that the event sets."""
    return event.data.model_dump(exclude_unset=True, exclude={"livemode", "effective_at"})


ACCOUNTS: Final = Accounts(
    History,
    name="account",
    topic="account",
    types={"account.created", "account.updated", "account.merged"},
    keep=_kept,
)


def account_view(key: str, row: History | None, attributes: tuple[str, ...]) -> Account:
    """Returns what is known of an account: of each attribute the last value given.

    Args:
        key: The account's id.
        row: Its facts, or None if there are none.
        attributes: The attributes that label measures.
    """
    values: dict[str, str] = {}
    internal = False
    merged_ms: int | None = None
    absorbed_ms: int | None = None
    for fact in row.unretracted() if row else ():
        if fact.type == "account.merged":
            if fact.data["account_id"] == key and fact.data["into_account_id"] != key:
                merged_ms = fact.effective_ms
            elif absorbed_ms is None:
                absorbed_ms = fact.effective_ms
            continue
        internal = fact.data.get("is_internal", internal)
        for name in attributes:
            if name in fact.data:
                values[name] = str(fact.data[name])
    segment = tuple(values.get(name, UNKNOWN) for name in attributes)
    return Account(segment, internal, merged_ms, absorbed_ms)
