"""Major cases: the accounts that they touch.

Formula: ``accounts_impacted_by_major`` at T = accounts with an unsolved ticket that hangs on a
major case as of T (see ``aggregates.support.majors``), or told to be affected by one: by a copy of
``ticket.major_declared`` under the account's own key, until ``ticket.major_resolved`` comes under
it. With ``major_basis`` = ``window`` those that either was true of at some time in the last 30
days, by tickets that are not deleted, spam or merged as of T. Distinct accounts. The list of
affected accounts in an event under the case's own key counts nobody: those accounts live in other
partitions, where they may be counted already. Unit: accounts. Undefined: never.
Source: ServiceNow (customers impacted by a major case).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.occurrence import FOREVER, level, union
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.support.tickets import ACCOUNT_TICKETS, TICKETS
from aggregates.time.tile import edge_ms, tile_of
from aggregates.time.window import Window

_IMPACTED: Final = ("accounts_impacted_by_major",)
_LATELY: Final = "30d"


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what the tickets of one account contribute."""
    unmarked = scope.policy.unmarked_problems_are_major
    lately = scope.policy.major_basis == "window"
    window = scope.calendar.windows[_LATELY]
    spans: list[tuple[int, int]] = []
    for row in rows[0].of(TICKETS).values():
        told, course = row.major_spans, row.course
        spans += [_remembered(span, window) for span in told] if lately else told
        if course is None or course.is_alone:
            continue
        child = course.child_spans(unmarked)
        if lately:
            remembered = [_remembered(span, window) for span in child]
            child = list(_both(remembered, course.counted))
        spans += child
    for begin_ms, end_ms in union(spans):
        yield from level(_IMPACTED, begin_ms, end_ms)


def _remembered(span: tuple[int, int], window: Window) -> tuple[int, int]:
    """Returns the span (ms) in which a window holds an instant of a span; nothing has none."""
    begin_ms, end_ms = span
    if begin_ms == end_ms or end_ms == FOREVER:
        return span
    return begin_ms, edge_ms(window.end(tile_of(end_ms - 1)))


def _both(
    spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yields where two lists of spans (ms) overlap."""
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
            _IMPACTED[0],
            "Accounts with an unsolved ticket of a major case, or told to be affected by one; "
            "or of which that was so in the last 30 days (major_basis).",
        ),
    ),
    contributions=contributions,
    policies=("unmarked_problems_are_major", "major_basis"),
)
