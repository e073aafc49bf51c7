"""Terms: how long each lasts, and which are too short to be asked for."""

import pytest

from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import at, ledger_of, level, state

DUE = 200
"""Day on which the terms of the stories are due."""


def due(days: int, *lines: bytes) -> tuple[int, int, int]:
    """Counts terms due, those renewed, and accounts that are due, where a term has so many days."""
    ledger = ledger_of(*lines, policy=Policy(renewal_min_term_days=days))
    names = ("renewals_due", "renewals", "renewal_due_accounts")
    counted, renewed, accounts = (level(ledger, DUE + 5, name, "90d") for name in names)
    return counted, renewed, accounts


TOLD = state("created", "e1", 100, term_end=at(DUE))
HALF_WAY = [
    state("created", "e1", 1),
    state("updated", "e2", 150, 120, term_start=at(20), term_end=at(DUE)),
]


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        # no beginning is told: from when the state that tells the end holds
        ([TOLD], 100),
        ([state("created", "e1", 120, start_date=at(100), term_end=at(DUE))], 100),
        # a told beginning counts, before the state or after it
        ([state("created", "e1", 120, term_start=at(100), term_end=at(DUE))], 100),
        ([state("created", "e1", 100, term_start=at(120), term_end=at(DUE))], 80),
        (HALF_WAY, 180),
        # the first to tell of a due date tells how long the term is; what follows changes nothing
        ([TOLD, state("updated", "e2", 150, 120, term_end=at(DUE))], 100),
        ([TOLD, state("updated", "e2", 150, 120)], 100),
        ([TOLD, state("updated", "e2", 150, term_start=at(1), term_end=at(DUE))], 100),
        # another due date is another term, as long as it says
        ([TOLD, state("updated", "e2", 110, term_end=at(DUE - 5))], 85),
        (
            [
                state("created", "e1", 1, term_end=at(100)),
                state("updated", "e2", 50, term_start=at(1), term_end=at(DUE)),
            ],
            199,
        ),
        # a renewal's term begins where the one before ended, early or late as it may come
        (
            [
                state("created", "e1", 1, term_end=at(100)),
                state("renewed", "e2", 80, previous_term_end=at(100), term_end=at(DUE)),
            ],
            100,
        ),
        # whole days count
        ([state("created", "e1", 100.5, term_end=at(DUE))], 99),
    ],
)
def test_how_long_a_term_lasts(lines: list[bytes], days: int) -> None:
    """``renewal_min_term_days`` asks for terms of so many days or more."""
    for asked, counted in ((0, 1), (days, 1), (days + 1, 0)):
        assert due(asked, *lines) == (counted, 0, counted)


def test_terms_that_only_renewals_tell() -> None:
    """They last from one renewal to the next, the first from the beginning."""
    monthly = [state("renewed", f"r{n}", day) for n, day in enumerate((170, 200))]
    lines = [state("created", "e1", 140), *monthly]
    assert due(0, *lines) == due(30, *lines) == (2, 2, 1)
    assert due(31, *lines) == (0, 0, 0)
    late = [state("created", "e1", 139), *monthly]
    assert due(31, *late) == (1, 1, 1)


def test_short_terms_beside_long_ones() -> None:
    """An account is asked by its long terms alone; a renewal by a short term is one."""
    lines = [
        state("created", "e1", 1, term_end=at(DUE)),
        state("renewed", "e2", DUE, previous_term_end=at(DUE), term_end=at(DUE + 30)),
        state("created", "m1", 170, sub="s2", term_end=at(DUE + 1)),
    ]
    assert due(0, *lines) == (2, 1, 1)
    assert due(180, *lines) == (1, 1, 1)
    assert due(20, *lines[2:]) == (1, 0, 1)
