"""What is told of an account's tickets: states, priorities, waits, responses and solutions."""

from typing import Final

from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Lasting, Table, Teller, Told
from aggregates.support.course import Course
from aggregates.support.state import TicketState
from aggregates.support.tickets import TICKETS
from aggregates.time.tile import edge_ms

_HEADS: Final = ("ticket", "state", "priority", "created", "first response", "solved after")


def _take(account: AccountRows, scope: Scope) -> Told:
    courses = {
        name: row.course for name, row in account.of(TICKETS).items() if row.course is not None
    }

    def told(edge: int) -> Table | None:
        now_ms = edge_ms(edge)
        known = [
            (course.created_ms, name, course, course.at(now_ms - 1))
            for name, course in courses.items()
            if course.created_ms < now_ms
        ]
        if not known:
            return None
        # What is open comes first, then what was created last.
        known.sort(key=lambda each: (each[3].in_backlog, *each[:2]), reverse=True)
        rows = [_row(name, course, state, now_ms) for _, name, course, state in known]
        states = [state for *_, state in known]
        waiting = sum(state.in_backlog and state.unanswered_ms is not None for state in states)
        facts: list[tuple[str, Cell]] = [
            ("Open", sum(state.in_backlog for state in states)),
            ("Waiting for a first response", waiting),
            ("Solved", sum(state.counts and state.is_solved for state in states)),
        ]
        return Table("tickets", "Tickets", facts, _HEADS, rows)

    return told


def _row(name: str, course: Course, state: TicketState, now_ms: int) -> list[Cell]:
    reply = course.reply
    response: Cell = None
    if reply is not None and reply.at_ms < now_ms:
        response = Lasting(reply.wait_ms)
    elif state.in_backlog and state.unanswered_ms is not None:
        response = "waiting"
    solved = None if state.solved_ms is None else Lasting(state.solved_ms - course.created_ms)
    return [name, _state(state), state.priority, Instant(course.created_ms), response, solved]


def _state(state: TicketState) -> str:
    if state.deleted:
        return "deleted, or spam"
    if state.merged:
        return "merged into another"
    waits = "" if state.is_solved else ", ".join(state.blocked_by)
    return f"{state.status}, waits for {waits}" if waits else state.status


TELLER: Final = Teller(4, _take)
