"""Major cases: the accounts that they affect.

Formula: ``accounts_impacted_by_major`` at T = accounts with an unsolved ticket that hangs on a
major case as of T (see ``aggregates.support.majors``), or declared as affected by one: by a copy of
``ticket.major_declared`` under the account's own key, until ``ticket.major_resolved`` comes under
it. With ``major_basis`` = ``window`` those that either was true of at some time in the last 30
days, by tickets that are not deleted, spam or merged as of T. Distinct accounts. The list of
affected accounts in an event under the case's own key counts nobody: those accounts live in other
partitions, where they may be counted already. Unit: accounts. Undefined: never.
Source: ServiceNow (customers impacted by a major case).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from aggregates.contributions.occurrence import FOREVER, level, union
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.support.tickets import ACCOUNT_TICKETS, TICKETS, Ticket
from aggregates.time.business_time import Span
from aggregates.time.tile import edge_ms, tile_of
from aggregates.time.window import Window

_IMPACTED: Final = "accounts_impacted_by_major"
_WINDOW: Final = "30d"


def _contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    spans = rows[0].each(TICKETS, "majors", lambda rows: _spans(rows, scope)).values()
    for begin_ms, end_ms in union(chain.from_iterable(spans)):
        yield from level((_IMPACTED,), begin_ms, end_ms)


def _spans(rows: Sequence[Ticket], scope: Scope) -> list[Span]:
    """Returns where (ms) a ticket shows that its account is affected."""
    by_window = scope.policy.major_basis == "window"
    window = scope.calendar.windows[_WINDOW]
    spans: list[Span] = []
    for row in rows:
        declared, course = row.major_spans, row.course
        spans += _remembered(declared, window) if by_window else declared
        if course is not None and course.has_account:
            child = course.child_spans(scope.policy.unmarked_problems_are_major)
            spans += _overlaps(_remembered(child, window), course.counted) if by_window else child
    return spans


def _remembered(spans: Iterable[Span], window: Window) -> Iterator[Span]:
    """Yields the spans (ms) in which a window holds an instant of a span; an empty one has none."""
    for begin_ms, end_ms in spans:
        if begin_ms < end_ms < FOREVER:
            yield begin_ms, edge_ms(window.end(tile_of(end_ms - 1)))
        else:
            yield begin_ms, end_ms


def _overlaps(spans: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    for begin_ms, end_ms in spans:
        for other_begin_ms, other_end_ms in others:
            first_ms, last_ms = max(begin_ms, other_begin_ms), min(end_ms, other_end_ms)
            if first_ms < last_ms:
                yield first_ms, last_ms


FAMILY = Family(
    name="major_accounts",
    reads=ACCOUNT_TICKETS,
    measures=(
        Measure.level(
            _IMPACTED,
            "Accounts with an unsolved ticket of a major case, or told to be affected by one; "
            "or of which that was so in the last 30 days (major_basis).",
        ),
    ),
    contributions=_contributions,
    policies=("unmarked_problems_are_major", "major_basis"),
)
