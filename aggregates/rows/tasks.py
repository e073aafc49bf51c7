"""Tasks of the team: what is to be done, by whom and until when, and the course that follows.

A task exists from its first fact on, whatever that is: some systems tell of tasks only when they
are done. A fact changes what it tells and leaves the rest. A fact can only end the phase that it
falls in, so the course as of an instant is the beginning of the whole course.
"""

from typing import Any, Final, NamedTuple, cast

from aggregates.history import Fact, History, Outcome, fact_of
from aggregates.row import HistoryRows
from aggregates.rows.time_entries import UNCATEGORISED
from aggregates.standing import FOREVER
from events import Event
from events.account import TaskFact

UNASSIGNED: Final = "unassigned"
"""Label of the owner of a task that nobody owns."""

_COMPLETED: Final = "task.completed"
_REOPENED: Final = "task.reopened"
_CANCELLED: Final = "task.cancelled"


class Tasks(HistoryRows):
    """One row a task."""

    name = "task"
    topic = "account"
    version = 2
    types = frozenset({"task.created", "task.updated", _COMPLETED, _REOPENED, _CANCELLED})

    def entity(self, event: Event) -> str:
        """Gives the task's id."""
        return cast(TaskFact, event.data).task_id

    def fold(self, row: History, event: Event) -> Outcome:
        """Files what the event tells of its task."""
        data = cast(TaskFact, event.data)
        kept: dict[str, Any] = {
            "owner": data.owner_id,
            "category": data.category,
            "due": data.due_at,
            "snoozed": data.snoozed_until,
            "done": data.completed_at if event.type == _COMPLETED else None,
        }
        return row.insert(fact_of(event, kept))


TASKS: Final = Tasks()


class Completion(NamedTuple):
    """How a task was completed.

    Attributes:
        at_ms: When, ms of the epoch; not after it was told.
        owner: Who owned it then.
        category: What it was for, as was in force then.
        due_ms: When it was due, as was in force then, or None.
    """

    at_ms: int
    owner: str
    category: str
    due_ms: int | None


class Phase(NamedTuple):
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


def phases_of(row: History) -> list[Phase]:
    """Gives the phases of a task, ascending and without gaps."""
    phases: list[Phase] = []
    for fact in row.standing():
        at_ms = fact.effective_ms
        if phases:
            phases[-1] = phases[-1]._replace(end_ms=at_ms)
        before = phases[-1] if phases else Phase(at_ms, at_ms)
        phases.append(_following(before, fact))
    return phases


def _following(before: Phase, fact: Fact) -> Phase:
    """Gives the phase that begins with a fact."""
    data = fact.data
    phase = before._replace(
        begin_ms=fact.effective_ms,
        end_ms=FOREVER,
        owner=data.get("owner", before.owner),
        category=data.get("category", before.category),
        due_ms=data.get("due", before.due_ms),
        snoozed_ms=data.get("snoozed", before.snoozed_ms),
    )
    if fact.type == _REOPENED:
        return phase._replace(completion=None, cancelled=False)
    if fact.type == _CANCELLED:
        return phase._replace(completion=None, cancelled=True)
    if fact.type == _COMPLETED and phase.completion is None:
        at_ms = min(data.get("done", fact.effective_ms), fact.effective_ms)
        completion = Completion(at_ms, phase.owner, phase.category, phase.due_ms)
        return phase._replace(completion=completion, cancelled=False)
    return phase
