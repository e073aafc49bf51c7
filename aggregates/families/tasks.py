"""Tasks of the team: completed, completed on time, overdue, by owner; completed by category.

Formulas: ``tasks_completed`` over a window = tasks completed in it (``completed_at``, else when
that was told) that are neither re-opened nor cancelled as of T, credited to who owned them then;
``tasks_on_time`` of those with a due date (``tasks_completed_due``) the ones completed by it.
``tasks_completed_by_category`` are the same tasks by the category that they had then.
``tasks_overdue`` at T = open tasks whose present due date lies before T and that are not put off
beyond T. Unit: tasks. Undefined: never; the share on time has no value without completed tasks that
had a due date. Source: Gainsight documentation (tasks, snooze), NetSuite's list.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.tasks import TASKS, phases_of
from aggregates.standing import Standing, level, windowed

_COMPLETED: Final = "tasks_completed"
_DUE: Final = "tasks_completed_due"
_ON_TIME: Final = "tasks_on_time"
_BY_CATEGORY: Final = "tasks_completed_by_category"
_OVERDUE: Final = "tasks_overdue"
_WINDOWS: Final = ("7d", "30d")
_OWNER: Final = "owner"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one task contributes."""
    windows = scope.windows[_COMPLETED]
    for row in rows:
        phases = phases_of(row)
        for completion, group in groupby(phases, key=lambda phase: phase.completion):
            spans = list(group)
            if completion is None:
                continue
            standing = Standing(completion.at_ms, spans[0].begin_ms, spans[-1].end_ms)
            yield from windowed(_COMPLETED, windows, standing, completion.owner)
            yield from windowed(_BY_CATEGORY, windows, standing, completion.category)
            if completion.due_ms is not None:
                yield from windowed(_DUE, windows, standing, completion.owner)
                if completion.at_ms <= completion.due_ms:
                    yield from windowed(_ON_TIME, windows, standing, completion.owner)
        for phase in phases:
            if phase.is_open and phase.due_ms is not None:
                late_ms = max(phase.begin_ms, phase.due_ms, phase.snoozed_ms or phase.due_ms)
                yield from level((_OVERDUE, phase.owner), late_ms, phase.end_ms)


def _windowed(name: str, doc: str, label: str = _OWNER) -> Measure:
    return Measure(name, Kind.WINDOWED, Unit.COUNT, doc, labels=(label,), windows=_WINDOWS)


FAMILY = Family(
    name="tasks",
    reads=TASKS,
    measures=(
        _windowed(_COMPLETED, "Tasks completed in the window and not re-opened or cancelled."),
        _windowed(_DUE, "Those of the completed tasks that had a due date."),
        _windowed(_ON_TIME, "Those of the completed tasks that were completed by their due date."),
        _windowed(
            _BY_CATEGORY, "The same completed tasks, by category in place of owner.", "category"
        ),
        Measure(
            _OVERDUE,
            Kind.LEVEL,
            Unit.COUNT,
            "Open tasks whose due date is past and that are not put off.",
            labels=(_OWNER,),
        ),
    ),
    contributions=contributions,
)
