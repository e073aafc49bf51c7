"""The watchdog: standing still while busy is a stall; idleness and a sleeping process are none."""

import threading

from streams.clock import monotonic_s
from streams.worker.watchdog import Task, Watchdog


def test_standing_still_while_busy_is_a_stall() -> None:
    """Progress, and having nothing to do, both push the stall away."""
    task = Task("t", 10.0, monotonic_s())
    task.note(1)
    since = task.moved_s
    assert task.stalled_s(since + 10) is None
    assert task.stalled_s(since + 11) == 11
    task.note(1)
    assert task.moved_s == since
    task.note(2)
    assert task.moved_s > since
    task.note(2, busy=False)
    assert task.stalled_s(since + 1_000) is None


def test_becoming_busy_starts_the_time_anew() -> None:
    """Time spent idle does not count against a task that gets something to do."""
    task = Task("t", 10.0, monotonic_s() - 1_000, busy=False, progress=1)
    task.note(1)
    assert task.stalled_s(monotonic_s()) is None


def test_a_stall_ends_the_watch_with_its_reason() -> None:
    """The thread finds the task and hands it over once."""
    ended = threading.Event()
    found: list[str] = []

    def end(task: Task) -> None:
        found.append(task.reason)
        ended.set()

    watchdog = Watchdog(end, every_s=0.01)
    watchdog.task("idle", 0.05)
    stuck = watchdog.task("stuck", 0.05)
    stuck.note(1)
    watchdog.start()
    assert ended.wait(5)
    watchdog.stop()
    assert found == ["stuck"]
