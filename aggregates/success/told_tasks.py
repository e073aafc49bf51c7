"""What is told of the tasks that the team has with an account."""

from typing import Final

from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Table, Teller, Told
from aggregates.success.tasks import TASKS, TaskPhase, phases_of
from aggregates.time.tile import edge_ms

_HEADS: Final = ("task", "state", "owner", "category", "due", "completed")


def _take(account: AccountRows, scope: Scope) -> Told:
    lives = {name: phases_of(row) for name, row in account.of(TASKS).items()}

    def told(edge: int) -> Table | None:
        now_ms = edge_ms(edge)
        known = [
            (phase.is_open, phases[0].begin_ms, name, phase)
            for name, phases in lives.items()
            if (phase := _at(phases, now_ms)) is not None
        ]
        if not known:
            return None
        known.sort(key=lambda each: each[:3], reverse=True)
        states = [_state(phase, now_ms) for *_, phase in known]
        rows = [_row(name, phase, now_ms) for _, _, name, phase in known]
        facts: list[tuple[str, Cell]] = [
            ("Open", sum(is_open for is_open, *_ in known)),
            ("Overdue", states.count("overdue")),
            ("Completed", states.count("completed")),
        ]
        return Table("tasks", "Success tasks", facts, _HEADS, rows)

    return told


def _at(phases: list[TaskPhase], now_ms: int) -> TaskPhase | None:
    """Returns the phase that holds before an instant; None if none has begun."""
    return next((phase for phase in reversed(phases) if phase.begin_ms < now_ms), None)


def _row(name: str, phase: TaskPhase, now_ms: int) -> list[Cell]:
    done = phase.completion
    return [
        name,
        _state(phase, now_ms),
        phase.owner,
        phase.category,
        None if phase.due_ms is None else Instant(phase.due_ms),
        None if done is None else Instant(done.at_ms),
    ]


def _state(phase: TaskPhase, now_ms: int) -> str:
    if phase.cancelled:
        return "cancelled"
    if phase.completion is not None:
        return "completed"
    if phase.due_ms is None or max(phase.due_ms, phase.snoozed_ms or phase.due_ms) >= now_ms:
        return "open"
    return "overdue"


TELLER: Final = Teller(6, _take)
