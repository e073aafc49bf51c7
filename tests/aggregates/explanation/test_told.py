"""What is told of an account's rows is what its figures say."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import pytest

from aggregates.explanation.account import AccountView, view_of
from aggregates.explanation.tellers import tellers
from aggregates.ledger.measure import Series
from aggregates.rows.told import Cell, Instant, Money, Named, Share, Table
from aggregates.time.tile import TILE_MS, TILES_A_DAY, edge_ms
from streams.local.intake import Intake
from tests.exporters import simulated

END: Final = simulated.END_MS // TILE_MS
EDGES: Final = tuple(END - days * TILES_A_DAY for days in (0, 33, 150, 400))

ACCOUNTS: Final = [f"acct_{number}" for number in range(1, simulated.ACCOUNTS, 3)]


@cache
def _view(account: str) -> AccountView:
    view = simulated.rows().account(account)
    assert view is not None
    return view


def _tables(account: str, edge: int) -> Mapping[str, Table]:
    return {table.name: table for table in _view(account).tables(edge)}


def _held(account: str, edge: int, *series: str) -> int:
    """Returns a level of the account alone, of all series that begin so."""
    ledger = _view(account).ledger
    keys: list[tuple[Series, tuple[str, ...]]] = ledger.prefixes(series[0])[0]
    own = [key for key in keys if key[0][: len(series)] == series]
    return sum(ledger.level(name, segment, edge) for name, segment in own)


def _facts(table: Table) -> Mapping[str, Cell]:
    return dict(table.facts)


def _seen(name: str) -> list[tuple[str, int, Table]]:
    """Returns the tables of a name of all accounts and edges; some at least."""
    found = [
        (account, edge, table)
        for account in ACCOUNTS
        for edge in EDGES
        if (table := _tables(account, edge).get(name)) is not None
    ]
    assert len(found) > 20
    return found


def test_each_subject_tells() -> None:
    """Each teller has a place of its own, and each has something to tell of some account."""
    names = {name for account in ACCOUNTS for name in _tables(account, END)}
    assert len(names) == len(tellers()) == len({teller.place for teller in tellers()}) == 8


@pytest.mark.parametrize("name", ["mrr_steps", "subscriptions", "users", "tickets", "answers"])
def test_tables_have_their_columns(name: str) -> None:
    """Each row has a cell for each head."""
    tables = [table for _, _, table in _seen(name)]
    assert any(table.rows for table in tables)
    for table in tables:
        assert all(len(row) == len(table.heads) for row in table.rows)


def test_nothing_is_told_of_what_is_to_come() -> None:
    """A row's time lies before the edge, in the columns that tell of the past."""
    for name, column in (("mrr_steps", 0), ("users", 2), ("tickets", 3), ("answers", 5)):
        for _, edge, table in _seen(name):
            for row in table.rows:
                if isinstance(when := row[column], Instant):
                    assert when.at_ms < edge_ms(edge)


@pytest.mark.parametrize("account", ACCOUNTS[:3])
def test_tables_are_the_same_whatever_the_order_of_events(account: str) -> None:
    """Which rows come first, and so which are shown of many, does not depend on what came first."""
    lines = simulated.lines_of(account)
    told = []
    for order in (lines, lines[::-1]):
        intake = Intake(simulated.PLAN, 1, bulk=True)
        intake.take(order)
        intake.settle()
        view = view_of(account, intake.shards)
        assert view is not None
        told.append(view.tables(END))
    assert told[0] == told[1]
    assert any(table.name == "users" and len(table.rows) > 1 for table in told[0])


def test_steps_of_mrr_are_those_of_the_ledger() -> None:
    """Changes add up to MRR, movements to each change, and the newest row has what there is."""
    for account, edge, table in _seen("mrr_steps"):
        mrr = _held(account, edge, "mrr")
        assert _facts(table)["MRR"] == Money(mrr)
        changes = 0
        for _, _, change, moved in table.rows:
            assert isinstance(change, Money)
            assert isinstance(moved, Named)
            assert sum(part.micros for _, part in moved.parts) == change.micros
            changes += change.micros
        assert changes == mrr
        assert not table.rows or table.rows[0][1] == Money(mrr)


def test_users_are_those_of_the_figures() -> None:
    """Users, active ones and seats are what the measures hold."""
    for account, edge, table in _seen("users"):
        facts = _facts(table)
        active = _held(account, edge, "active_users", "30d")
        assert facts["Users"] == _held(account, edge, "users")
        assert facts["Active in 30 days"] == active
        lately = [row for row in table.rows if isinstance(row[3], int) and row[3]]
        assert len(lately) == active
        if "Active users of seats" in facts:
            assert facts["Active users of seats"] == Share(active, _held(account, edge, "seats"))
        for name, cell in facts.items():
            if isinstance(cell, Share) and name != "Active users of seats":
                used = _held(account, edge, "feature_accounts", "30d", name)
                assert (cell.part > 0) == bool(used)


def test_tickets_are_those_of_the_figures() -> None:
    """What is open, and what waits for a response, is the backlog and those that wait."""
    for account, edge, table in _seen("tickets"):
        facts = _facts(table)
        assert facts["Open"] == _held(account, edge, "ticket_backlog")
        waiting = _held(account, edge, "tickets_waiting", "0h")
        assert facts["Waiting for a first response"] == waiting
        assert sum(row[4] == "waiting" for row in table.rows) == waiting


def test_overdue_tasks_are_those_of_the_figures() -> None:
    """Open tasks whose time is past are the overdue ones."""
    for account, edge, table in _seen("tasks"):
        assert _facts(table)["Overdue"] == _held(account, edge, "tasks_overdue")


def test_health_is_that_of_the_figures() -> None:
    """The score, its band, and the points of components are what the measures hold."""
    whole = 0
    for account, edge, table in _seen("health"):
        facts = _facts(table)
        score = facts["Score"]
        assert isinstance(score, float)
        assert round(score * 100) == _held(account, edge, "health_points")
        assert _held(account, edge, "health_accounts", str(facts["Band"])) == 1
        parts = 0.0
        for component, points, _, part, why in table.rows:
            held = _held(account, edge, "health_component_points", str(component))
            assert (points or 0) == held
            assert why
            parts += float(part) if isinstance(part, int | float) else 0.0
        if "add up" in table.note:
            whole += 1
            assert parts == pytest.approx(score, abs=0.02)
    assert whole > 10


def test_health_says_why() -> None:
    """The counts that a reason names are those of the figures by which it is judged."""
    told = 0
    for account, edge, table in _seen("health"):
        reasons = {row[0]: str(row[4]) for row in table.rows}
        if reasons["support"] != "nothing is known":
            open_now = _held(account, edge, "ticket_backlog")
            assert reasons["support"].startswith(f"{open_now} unsolved")
            told += 1
        day = simulated.PLAN.calendar.day_of(edge - 1)
        morning = simulated.PLAN.calendar.day_start(day)
        if "seats are used" in reasons["usage"]:
            active = _held(account, morning, "active_users", "30d")
            assert reasons["usage"].startswith(f"{active} of ")
            told += 1
    assert told > 20


def test_what_was_taken_stays() -> None:
    """A view tells what was so when it was taken, whatever is folded later."""
    rows = simulated.rows()
    view = rows.account("acct_7")
    assert view is not None
    before = view.tables(END)
    again = rows.account("acct_7")
    assert again is not None
    assert view.tables(END) == before == again.tables(END)


def test_an_account_has_the_attributes_that_label_its_figures() -> None:
    """What is told last of an attribute before the edge is what figures by segment go by."""
    place = simulated.PLAN.policy.segments.index("segment")
    for account, edge, table in _seen("account"):
        facts = _facts(table)
        if edge == END:
            assert facts["segment"] == _view(account).segment[place]
        created = facts["created"]
        assert isinstance(created, Instant)
        assert created.at_ms < edge_ms(edge)
        for _, reached in table.rows:
            assert isinstance(reached, Instant)
            assert reached.at_ms < edge_ms(edge)
