"""Tickets that change their account: what the row keeps, and the ticket of both rows together."""

from aggregates.rows.history import Fact
from aggregates.support.tickets import TICKETS, Ticket
from tests.aggregates.folding import ACCOUNT, HOUR_MS, START_MS, Told, fold, retraction
from tests.aggregates.support.ticket_story import PLAN, told

OTHER = "acct_2"
CREATED = told([(1, "created"), (2, "reply", "end_user")])
MOVED = Told(
    START_MS + 3 * HOUR_MS,
    0,
    "moved",
    "ticket.account_changed",
    {"ticket_id": "t1", "into_account_id": OTHER},
)
SOLVED = told([(4, "reply", "agent"), (5, "worked", 60), (6, "status", "solved")], "later")
LATER = [f._replace(data={**f.data, "account_id": OTHER, "ticket_id": "t1"}) for f in SOLVED]


def test_filed_under_both_accounts() -> None:
    """Both accounts know that a ticket moved, and where it belongs; taken back, neither does."""
    facts = [*CREATED, MOVED]
    shard = fold(PLAN, "ticket", facts)
    rows = [shard.store.of(TICKETS.name, account)["t1"] for account in (ACCOUNT, OTHER)]
    assert [TICKETS.moved_to(row) for row in rows] == [OTHER, OTHER]
    back = retraction("moved")
    copy = back._replace(id="copy", data={**back.data, "account_id": OTHER})
    shard = fold(PLAN, "ticket", [*facts, back, copy])
    rows = [shard.store.of(TICKETS.name, account)["t1"] for account in (ACCOUNT, OTHER)]
    assert [TICKETS.moved_to(row) for row in rows] == [None, None]


def test_the_last_move_counts() -> None:
    """A ticket that came back belongs to the account that it came back to."""
    back = MOVED._replace(
        ms=MOVED.ms + HOUR_MS,
        id="back",
        data={"account_id": OTHER, "ticket_id": "t1", "into_account_id": ACCOUNT},
    )
    shard = fold(PLAN, "ticket", [back, *CREATED, MOVED])
    rows = [shard.store.of(TICKETS.name, account)["t1"] for account in (ACCOUNT, OTHER)]
    assert [TICKETS.moved_to(row) for row in rows] == [ACCOUNT, ACCOUNT]


def test_both_rows_are_one_ticket() -> None:
    """The facts of both rows, each once, make the ticket that one account would have had."""
    shard = fold(PLAN, "ticket", [*LATER, *CREATED, MOVED])
    joined = Ticket()
    facts: list[Fact] = []
    for account in (OTHER, ACCOUNT):
        facts += shard.store.of(TICKETS.name, account)["t1"].facts
    for fact in facts:
        joined.insert(fact)
    alone = fold(
        PLAN,
        "ticket",
        [*CREATED, *(f._replace(data={**f.data, "account_id": ACCOUNT}) for f in LATER)],
    )
    whole = alone.store.of(TICKETS.name, ACCOUNT)["t1"].course
    assert joined.course == whole
    assert joined.course is not None
    assert [reply.wait_ms for reply in joined.course.replies] == [3 * HOUR_MS]


def test_a_ticket_of_nobody_gets_an_account() -> None:
    """A ticket told under no account that moves to one is a ticket of an account."""
    row = Ticket()
    for fact in (
        Fact(1, "", 1, "a", "s", "ticket.created", {"alone": True}),
        Fact(2, "", 2, "b", "s", "ticket.account_changed", {"into": OTHER}),
    ):
        row.insert(fact)
    assert row.course is not None
    assert row.course.has_account
