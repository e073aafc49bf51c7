"""The scenarios, in the order in which they run."""

from typing import Final

from tests.faults.backfills import DAYS, KILLS, backfill_killed
from tests.faults.boards import board_lost
from tests.faults.brokers import broker_bounced
from tests.faults.clocks import stepped
from tests.faults.company import Size
from tests.faults.damage import state_damaged
from tests.faults.inputs import repeated
from tests.faults.kills import away, kill_matrix, rolled, storm, zombie
from tests.faults.loads import SOAK_MINUTES, overloaded, soak, soak_s
from tests.faults.poison import poison
from tests.faults.policies import settings_changed
from tests.faults.scenario import Scenario

SCENARIOS: Final = (
    Scenario(
        "kills",
        "Random workers are killed with `kill -9`, and others started in their place.",
        "No event is lost, none counts twice.",
        kill_matrix,
    ),
    Scenario(
        "storm",
        "Workers are added, stopped and killed before the last rebalance is over; once there are "
        "more of them than partitions.",
        "No partition has two owners in one generation.",
        storm,
        ends=frozenset({"fenced"}),
    ),
    Scenario(
        "zombie",
        "A worker is paused (SIGSTOP) for up to two and a half times its session, while another "
        "takes over its partitions, and wakes.",
        "Nothing that it still writes counts; it joins again or ends within seconds.",
        zombie,
        ends=frozenset({"fenced"}),
    ),
    Scenario(
        "broker",
        "The broker is killed with `kill -9` and started again, and frozen (SIGSTOP), once for so "
        "long that figures are held back.",
        "While nobody knows what has happened since, no KPI is shown. What the broker "
        "acknowledged is there.",
        broker_bounced,
        ends=frozenset({"broker-unreachable", "checkpoint-failed", "announce-failed", "fenced"}),
    ),
    Scenario(
        "redis",
        "The board is emptied (FLUSHALL), killed and back empty, frozen, limited in memory so that "
        "keys are evicted, and failed over to a replica that lags; in any order.",
        "A scrape has all figures, or none and says so. Workers go on.",
        board_lost,
        seconds=60.0,
    ),
    Scenario(
        "disorder",
        "A third of the events comes twice, one in ten thousands of events too late; a worker is "
        "killed meanwhile.",
        "Order and repetition change nothing.",
        kill_matrix,
        size=Size(late=0.1, duplicates=0.33),
    ),
    Scenario(
        "duplicates",
        "Producers publish most of the history again and again; some of them are killed.",
        "Order and repetition change nothing.",
        repeated,
    ),
    Scenario(
        "poison",
        "Between the good records: broken JSON, NaN, wrong types, 900 kB of junk, times of 1970 "
        "and 3000, unknown versions, wrong topics and partitions, known ids with other content; "
        "and a transaction that is aborted.",
        "Each bad record has one dead letter with its place, reason and bytes, and no other has "
        "one; what was aborted never happened. Workers stay up.",
        poison,
    ),
    Scenario(
        "rolling",
        "Workers are replaced one by one, then there are fewer, then more of them; in the end all "
        "are restarted with an empty board.",
        "A restart reads rows from the changelogs, and folds no event again.",
        rolled,
    ),
    Scenario(
        "away",
        "All workers are away while half of the events come.",
        "Figures are held back meanwhile; the backlog is caught up with.",
        away,
    ),
    Scenario(
        "state",
        "While workers are away their changelogs are deleted, lose their heads, are compacted, and "
        "have bits turned on the broker's disk.",
        "The events are read again where rows are missing; never a wrong figure, never a silent "
        "wait.",
        state_damaged,
        seconds=60.0,
    ),
    Scenario(
        "settings",
        "The time zone is changed while events flow: tables are rebuilt, by a command that is "
        "killed and run again, and workers of the new zone take over.",
        "Figures are of the old zone until the take-over, and of the new one after it.",
        settings_changed,
        ends=frozenset({"superseded", "other-settings"}),
    ),
    Scenario(
        "backfill",
        f"A backfill of {DAYS} days from Kafka into a running Prometheus is killed at {KILLS} "
        "moments, and Prometheus too; then it is run to its end. Where some is there already, "
        "that is refused, and deleted as the refusal says.",
        "Prometheus holds, sample for sample, what one that was filled at a stretch holds.",
        backfill_killed,
    ),
    Scenario(
        "clock",
        "Workers and an exporter have a wall clock that jumps an hour forward, and two back.",
        "No figure depends on a worker's clock; an exporter names the edge at which it reads.",
        stepped,
    ),
    Scenario(
        "overload",
        "One worker has a third of its time, and tens of thousands of events come at once.",
        "The lag is shown; the backlog does not lie in memory; exact when it is caught up with.",
        overloaded,
        workers=1,
        seconds=1.0,
        size=Size(accounts=200, days=120, activity=1.0),
        settle_s=300.0,
    ),
    Scenario(
        "soak",
        f"Events for as long as `{SOAK_MINUTES}` says, 10 minutes if it does not.",
        "The slope of each process's memory is told.",
        soak,
        size=Size(accounts=120, days=400),
        seconds=soak_s(),
        chosen=True,
    ),
)
