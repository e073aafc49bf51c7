"""What is told of an account itself: its attributes, and the milestones that it has reached."""

from typing import Any, Final

from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Table, Teller, Told
from aggregates.success.milestones import MILESTONES
from aggregates.time.tile import edge_ms

_CREATED: Final = "account.created"
_NO_ATTRIBUTE: Final = ("account_id", "into_account_id")


def _take(account: AccountRows, scope: Scope) -> Told:
    row = account.of(ACCOUNTS).get("")
    facts = [] if row is None else list(row.unretracted())
    reached = dict(account.of(MILESTONES).get("", {}))

    def told(edge: int) -> Table | None:
        now_ms = edge_ms(edge)
        created: Cell = None
        known: dict[str, Any] = {}
        for fact in facts:
            if fact.data["account_id"] == scope.key and fact.effective_ms < now_ms:
                known |= fact.data
                if fact.type == _CREATED and created is None:
                    created = Instant(fact.effective_ms)
        attributes: list[tuple[str, Cell]] = [
            (name.replace("_", " "), _text(value))
            for name, value in sorted(known.items())
            if name not in _NO_ATTRIBUTE and value not in ("", None)
        ]
        if created is not None:
            attributes.append(("created", created))
        steps = sorted(((ms, name) for name, ms in reached.items() if ms < now_ms), reverse=True)
        rows: list[list[Cell]] = [[name, Instant(ms)] for ms, name in steps]
        if not attributes and not rows:
            return None
        return Table("account", "Account", attributes, ("milestone", "reached"), rows)

    return told


def _text(value: Any) -> Cell:
    """Writes the value of an attribute; what is true or not in words.

    >>> _text(True), _text("eu"), _text(3)
    ('yes', 'eu', 3)
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float) else str(value)


TELLER: Final = Teller(0, _take)
