"""Faults of workers: killed, added, stopped, paused beyond their session."""

import signal
from typing import Final

from tests.end_to_end.exporter import EVENTS, PARTITIONS_OWNED
from tests.end_to_end.figures import difference
from tests.end_to_end.installation import PARTITIONS
from tests.end_to_end.patience import wait_for
from tests.faults.stage import SESSION_S, Stage

KILLS: Final = (2, 5)
"""Of one run, at least and at most."""

STORM: Final = 8
"""Rebalances of one run."""

CROWD: Final = PARTITIONS + 1
"""Workers at most: one more than there are partitions."""


def kill_matrix(stage: Stage) -> None:
    """Kills random workers, and starts another in the place of each."""
    for _ in range(stage.rng.randint(*KILLS)):
        stage.wait(1, 6)
        victim = stage.rng.choice(stage.workers)
        stage.kill(victim)
        stage.noted("kill -9 of a worker")
        stage.wait(0, 2)
        stage.start_worker()


def zombie(stage: Stage) -> None:
    """Pauses a worker beyond its session, so that others own its partitions when it wakes."""
    stage.wait(1, 4)
    worker = stage.rng.choice(stage.workers)
    worker.process.send_signal(signal.SIGSTOP)
    stage.noted("SIGSTOP of a worker")
    stage.wait(1.5 * SESSION_S, 2.5 * SESSION_S)
    worker.process.send_signal(signal.SIGCONT)
    stage.noted("SIGCONT of it")

    def back() -> bool:
        owned = stage.exporter.scrape().by_label(PARTITIONS_OWNED, "worker")
        return worker.process.poll() is not None or len(owned) == len(stage.workers)

    wait_for(back, lambda: "the zombie has neither rejoined nor ended", poll_s=1.0)


def storm(stage: Stage) -> None:
    """Adds, stops and kills workers before the last change is over; once there are too many."""
    for number in range(STORM):
        running = stage.workers
        if number == STORM // 2:
            while len(stage.workers) < CROWD:
                stage.start_worker()
            stage.noted(f"{CROWD} workers for {PARTITIONS} partitions")
        elif len(running) < 2 or (len(running) < CROWD and stage.rng.random() < 0.5):
            stage.start_worker()
            stage.noted("a worker added")
        elif stage.rng.random() < 0.5:
            stage.end(stage.rng.choice(running))
            stage.noted("SIGTERM of a worker")
        else:
            stage.kill(stage.rng.choice(running))
            stage.noted("kill -9 of a worker")
        stage.wait(0.5, 5)


def rolled(stage: Stage) -> None:
    """Replaces the workers one by one, as for a new version, then goes on with another number."""
    for worker in stage.workers:
        stage.end(worker)
        stage.noted("SIGTERM of a worker")
        stage.start_worker()
        stage.wait(2, 5)
    for worker in stage.workers[1:]:
        stage.end(worker)
    stage.noted("one worker left")
    stage.wait(2, 5)
    for _ in range(stage.rng.randint(1, 2)):
        stage.start_worker()
    stage.checks.append(lambda: _nothing_twice(stage))


def _nothing_twice(stage: Stage) -> None:
    """Restarted, with an empty board, all comes from the changelogs: no event is folded again."""
    shown = stage.exporter.scrape()
    for worker in stage.workers:
        stage.end(worker)
    stage.installation.redis.kill()
    stage.installation.redis.start()
    for _ in range(2):
        stage.start_worker()
    exporter = stage.installation.exporter()
    exporter.wait_until_shared(2)
    exporter.wait_until_settled()
    again = exporter.scrape()
    if again.edge == shown.edge:
        assert difference(again.series, shown.series) == ""
    assert again.by_label(EVENTS, "topic").total() == 0
    restored = again.values("tidemark_restore_seconds")
    assert len(restored) == PARTITIONS


def away(stage: Stage) -> None:
    """All workers are away while events go on; what was shown is held back until they are back."""
    for worker in stage.workers:
        stage.end(worker)
    stage.noted("SIGTERM of all workers")
    stage.flow.finish()

    def held_back() -> bool:
        return not stage.exporter.scrape().complete

    wait_for(held_back, lambda: "figures of the past are shown for ever", poll_s=1.0)
    for _ in range(stage.rng.randint(1, 3)):
        stage.start_worker()
