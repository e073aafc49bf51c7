"""Checks of what lies on the board: every partition, fresh, ready, and of this installation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from streams.doctor.finding import Finding, fail, listed, ok, warn

AHEAD_MS: Final = 300_000
"""An event this far ahead of our clock was stamped by another clock that is wrong, or ours is."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What the board holds of one partition.

    Attributes:
        number: Of the partition.
        age_s: Since its worker last published.
        owner: The worker; empty if the status cannot be read.
        ready: Whether its rows were restored.
        last_event_ms: Latest event time seen, in ms of the epoch; None before the first event.
    """

    number: int
    age_s: float
    owner: str
    ready: bool
    last_event_ms: int | None = None


def check_board(
    expected: int,
    posted: Sequence[Posted],
    partitions: int | None,
    stale_after_s: float,
    now_ms: int,
) -> Iterator[Finding]:
    """Checks a board.

    Args:
        expected: Partitions that it says there are; 0 if nobody has said so.
        posted: Those that lie there.
        partitions: Of the event topics; None if they are not known.
        stale_after_s: Age at which the exporter holds KPIs back.
        now_ms: The time.
    """
    if not expected:
        yield warn("board", "no worker has published yet", "tidemark worker")
        return
    if partitions is not None and expected != partitions:
        what = f"it is of {expected} partitions, the topics have {partitions}"
        mend = (
            "another installation uses the same keys: set TIDEMARK_REDIS_PREFIX to a name of its "
            "own for each, for workers and exporters"
        )
        yield fail("board", what, mend)
    yield _whole(expected, posted, stale_after_s)
    late = max((each.last_event_ms or 0 for each in posted), default=0)
    if late > now_ms + AHEAD_MS:
        what = f"events lie {(late - now_ms) / 1000:.0f} s in the future"
        yield warn("event times", what, "set the clock of this machine, or of the producers, right")


def _whole(expected: int, posted: Sequence[Posted], stale_after_s: float) -> Finding:
    there = {each.number for each in posted}
    lost = [str(number) for number in range(expected) if number not in there]
    if lost:
        mend = "start or restart the workers (tidemark worker); they publish all they have"
        return fail("board", f"partitions {listed(lost)} of {expected} are not there", mend)
    late = [each for each in posted if each.age_s > stale_after_s]
    if late:
        told = [f"{p.number} of {p.owner or 'an unknown worker'} {p.age_s:.0f} s" for p in late]
        mend = "restart those workers (tidemark worker), and look at their log"
        return fail("board", f"KPIs are held back; last published: {listed(told)} ago", mend)
    waiting = [str(each.number) for each in posted if not each.ready]
    if waiting:
        what = f"partitions {listed(waiting)} are being restored"
        return warn("board", what, "wait; tidemark_restore_seconds tells how long it took last")
    oldest_s = max((each.age_s for each in posted), default=0.0)
    owners = {each.owner for each in posted}
    return ok(
        "board", f"{expected} partitions of {len(owners)} workers, all within {oldest_s:.1f} s"
    )
