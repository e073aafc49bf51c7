"""The types of families: one that reads other rows than it takes does not pass mypy."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]

MODULE: Final = '''
"""Families of seats, tickets and accounts."""

from collections.abc import Sequence

from aggregates.ledger.measure import Contributions
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.store import AccountRows
from aggregates.support.course import Course
from aggregates.support.family import ticket_family
from aggregates.support.reopenings import FAMILY as TICKET_FAMILY
from aggregates.support.tickets import ACCOUNT_TICKETS, TICKETS, Ticket
from aggregates.usage.seats import FAMILY as SEAT_FAMILY
from aggregates.usage.seats import SEATS


def of_tickets(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Takes tickets."""
    yield from TICKET_FAMILY.contributions(rows, scope)


def of_course(course: Course, scope: Scope) -> Contributions:
    """Takes the course of one ticket."""
    yield ("tickets",), course.created_ms, 1


def of_accounts(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Takes accounts."""
    yield from ()


def of_histories(rows: Sequence[History], scope: Scope) -> Contributions:
    """Takes rows of seats."""
    yield from SEAT_FAMILY.contributions(rows, scope)


Family("right_1", SEATS, (), of_histories)
Family("right_2", TICKETS, (), of_tickets)
Family("right_3", ACCOUNT_TICKETS, (), of_accounts)
ticket_family("right_4", of_course)
Family("wrong_1", SEATS, (), of_tickets)
Family("wrong_2", SEATS, (), TICKET_FAMILY.contributions)
Family("wrong_3", SEATS, (), of_course)
Family("wrong_4", SEATS, (), of_accounts)
Family("wrong_5", TICKETS, (), of_accounts)
Family("wrong_6", ACCOUNT_TICKETS, (), of_tickets)
ticket_family("wrong_7", of_tickets)
'''


@pytest.mark.slow
def test_a_family_takes_the_rows_that_it_reads(tmp_path: Path) -> None:
    """Of the families of one module mypy refuses exactly those whose function takes other rows."""
    module = tmp_path / "families.py"
    module.write_text(MODULE, encoding="utf-8")
    checked = subprocess.run(
        (sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-pretty", module),
        cwd=ROOT,  # whose configuration and cache are used
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = MODULE.splitlines()
    errors = re.findall(r"families\.py:(\d+): error: Argument .* has incompatible", checked.stdout)
    refused = {lines[int(number) - 1] for number in errors}
    assert refused == {line for line in lines if '"wrong_' in line}, checked
    assert f"Found {len(refused)} errors in 1 file" in checked.stdout
