"""Tasks of the team: completed, completed on time, overdue, by owner; completed by category.

Formulas: ``tasks_completed`` over a window = tasks completed in it (``completed_at``, else when
that was told) that are neither re-opened nor cancelled as of T, credited to who owned them then,
whenever that was told, or to who owned them first if the task was not known of yet;
``tasks_on_time`` of those with a due date (``tasks_completed_due``) the ones completed by it.
``tasks_completed_by_category`` are the same tasks by the category that they had then.
``tasks_overdue`` at T = open tasks whose present due date lies before T and that are not put off
beyond T. Unit: tasks. Undefined: never; the share on time has no value without completed tasks that
had a due date. Source: Gainsight documentation (tasks, snooze), NetSuite's list.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple, cast

from aggregates.contributions.occurrence import FOREVER, Occurrence, level, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import Fact, History
from aggregates.rows.kind import HistoryKind
from aggregates.success.work import UNCATEGORISED
from events import Event
from events.account import TaskData

UNASSIGNED: Final = "unassigned"
"""Label of the owner of a task that nobody owns."""

_COMPLETE: Final = "task.completed"
_REOPENED: Final = "task.reopened"
_CANCELLED: Final = "task.cancelled"


_FIELDS: Final = {
    "owner": "owner_id",
    "category": "category",
    "due": "due_at",
    "snoozed": "snoozed_until",
}
"""What a fact keeps of a task, by the names of fields of its event."""

_TAKEN: Final = "taken"
"""Names of what an event takes away: it gives them as null. What it leaves out stays."""


def _kept(event: Event) -> dict[str, Any]:
    data = cast(TaskData, event.data)
    kept = {name: getattr(data, field) for name, field in _FIELDS.items()}
    told = event.told
    taken = [name for name, field in _FIELDS.items() if field in told and kept[name] is None]
    done = data.completed_at if event.type == _COMPLETE else None
    return {**kept, "done": done, _TAKEN: taken or None}


TASKS: Final = HistoryKind(
    History,
    name="task",
    topic="account",
    types={"task.created", "task.updated", _COMPLETE, _REOPENED, _CANCELLED},
    entity=lambda event: cast(TaskData, event.data).task_id,
    keep=_kept,
    version=3,
)
"""One row a task."""


_NOTHING: Final = {"owner": UNASSIGNED, "category": UNCATEGORISED, "due": None, "snoozed": None}
"""What a task has of what was taken away from it."""


class Completion(NamedTuple):
    """How a task was completed.

    Attributes:
        at_ms: When, ms of the epoch; not after it was told.
        owner: Who owned it then, not when it was told.
        category: What it was for, as was in force then.
        due_ms: When it was due, as was in force then, or None.
    """

    at_ms: int
    owner: str
    category: str
    due_ms: int | None


class TaskPhase(NamedTuple):
    """A span ``[begin, end)`` in ms in which a task stays the same; it may be empty.

    Attributes:
        begin_ms: Its beginning.
        end_ms: Its end.
        owner: Who owns the task.
        category: What it is for.
        due_ms: When it is due, or None.
        snoozed_ms: Until when it is put off, or None.
        completion: How it was completed; None while it is not.
        cancelled: Whether it need not be done.
    """

    begin_ms: int
    end_ms: int
    owner: str = UNASSIGNED
    category: str = UNCATEGORISED
    due_ms: int | None = None
    snoozed_ms: int | None = None
    completion: Completion | None = None
    cancelled: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.completion is None and not self.cancelled


def phases_of(row: History) -> list[TaskPhase]:
    """Returns the phases of a task, ascending and without gaps."""
    phases: list[TaskPhase] = []
    for fact in row.unretracted():
        at_ms = fact.effective_ms
        if phases:
            phases[-1] = phases[-1]._replace(end_ms=at_ms)
        phases.append(_following(phases or [TaskPhase(at_ms, at_ms)], fact))
    return phases


def _following(before: Sequence[TaskPhase], fact: Fact) -> TaskPhase:
    phase = _told(before[-1], fact)._replace(begin_ms=fact.effective_ms, end_ms=FOREVER)
    if fact.type == _REOPENED:
        return phase._replace(completion=None, cancelled=False)
    if fact.type == _CANCELLED:
        return phase._replace(completion=None, cancelled=True)
    if fact.type == _COMPLETE and phase.completion is None:
        at_ms = min(fact.data.get("done", fact.effective_ms), fact.effective_ms)
        known = bisect_right(before, max(at_ms, before[0].begin_ms), key=lambda each: each.begin_ms)
        then = _told(before[known - 1], fact)
        completion = Completion(at_ms, then.owner, then.category, then.due_ms)
        return phase._replace(completion=completion, cancelled=False)
    return phase


def _told(phase: TaskPhase, fact: Fact) -> TaskPhase:
    """Returns a phase with what a fact tells."""
    data = fact.data | {name: _NOTHING[name] for name in fact.data.get(_TAKEN, ())}
    return phase._replace(
        owner=data.get("owner", phase.owner),
        category=data.get("category", phase.category),
        due_ms=data.get("due", phase.due_ms),
        snoozed_ms=data.get("snoozed", phase.snoozed_ms),
    )


_COMPLETED: Final = "tasks_completed"
_DUE: Final = "tasks_completed_due"
_ON_TIME: Final = "tasks_on_time"
_BY_CATEGORY: Final = "tasks_completed_by_category"
_OVERDUE: Final = "tasks_overdue"
_WINDOWS: Final = ("7d", "30d")
_OWNER: Final = "owner"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what one task contributes."""
    windows = scope.windows[_COMPLETED]
    for row in rows:
        phases = phases_of(row)
        for completion, group in groupby(phases, key=lambda phase: phase.completion):
            spans = list(group)
            if completion is None:
                continue
            occurrence = Occurrence(completion.at_ms, spans[0].begin_ms, spans[-1].end_ms)
            yield windowed(_COMPLETED, windows, occurrence, completion.owner)
            yield windowed(_BY_CATEGORY, windows, occurrence, completion.category)
            if completion.due_ms is not None:
                yield windowed(_DUE, windows, occurrence, completion.owner)
                if completion.at_ms <= completion.due_ms:
                    yield windowed(_ON_TIME, windows, occurrence, completion.owner)
        for phase in phases:
            if phase.is_open and phase.due_ms is not None:
                late_ms = max(phase.begin_ms, phase.due_ms, phase.snoozed_ms or phase.due_ms)
                yield from level((_OVERDUE, phase.owner), late_ms, phase.end_ms)


FAMILY = Family(
    name="tasks",
    reads=TASKS,
    measures=(
        Measure.windowed(
            _COMPLETED,
            "Tasks completed in the window and not re-opened or cancelled.",
            _WINDOWS,
            labels=(_OWNER,),
        ),
        Measure.windowed(
            _DUE, "Those of the completed tasks that had a due date.", _WINDOWS, labels=(_OWNER,)
        ),
        Measure.windowed(
            _ON_TIME,
            "Those of the completed tasks that were completed by their due date.",
            _WINDOWS,
            labels=(_OWNER,),
        ),
        Measure.windowed(
            _BY_CATEGORY,
            "The same completed tasks, by category in place of owner.",
            _WINDOWS,
            labels=("category",),
        ),
        Measure.level(
            _OVERDUE,
            "Open tasks whose due date is past and that are not put off.",
            labels=(_OWNER,),
        ),
    ),
    contributions=contributions,
)
