"""The settings of a worker, with their defaults and the reasons for them."""

from dataclasses import dataclass, field
from pathlib import Path

from aggregates.shard.fingerprint import Fingerprint
from streams.kafka.cluster import Cluster
from streams.kafka.register import Begins
from streams.kafka.topics import Topics


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """Settings of one worker process.

    Attributes:
        cluster: The Kafka cluster.
        topics: Names of all topics.
        owner: Name under which the worker reports.
        flush_interval_s: Time between two checkpoints. Shorter shows events sooner and writes hot
            rows more often.
        pending_records_max: Folded records that ask for a checkpoint before its time; at twice as
            many, folding waits. Bounds what a crash makes us read again, and the rows written at
            once.
        pending_bytes_max: The same for the bytes of dead letters that are not written: a few bad
            records may be as large as thousands of good ones.
        poll_records_max: Records handed over at once; a run keeps the event loop for about a tenth
            of a second.
        buffered_runs: Runs waiting in front of one agent.
        fetch_bytes: Bytes fetched for one partition at once.
        session_timeout_s: A dead worker's partitions wait this long for the next owner.
        instance: Name that outlives the process; empty for none.
        heartbeat_s: At most a third of that.
        revoke_flush_s: Time for the last checkpoint when partitions are taken away; well below the
            session timeout, or the flush outlives the lease.
        checkpoint_limit_s: A checkpoint that has not succeeded for this long stops the worker.
        stall_limit_s: Time without any progress, while there is something to do, that stops the
            worker.
        stop_limit_s: Time for a clean stop on SIGTERM, last checkpoint included.
        board_call_s: Time for one call of the board, whose own timeouts should be shorter.
        pulse: File to touch each second while the worker is well, for health checks.
        accept_missing_history: Start although events at the head of the source have expired unseen.
        begins: Where event logs begin that do not at 0, for what lay before was erased.
        fingerprint: Of what the tables depend on, told on the board; None tells none.
        installation: Id of the Kafka cluster, told on the board.
        publishes: Whether the worker shows what it has on the board.
    """

    cluster: Cluster
    topics: Topics = field(default_factory=Topics)
    owner: str = "worker"
    flush_interval_s: float = 1.0
    pending_records_max: int = 200_000
    pending_bytes_max: int = 32 * 2**20
    poll_records_max: int = 10_000
    buffered_runs: int = 8
    fetch_bytes: int = 2**20
    session_timeout_s: float = 10.0
    instance: str = ""
    heartbeat_s: float = 3.0
    revoke_flush_s: float = 4.0
    checkpoint_limit_s: float = 60.0
    stall_limit_s: float = 60.0
    stop_limit_s: float = 15.0
    board_call_s: float = 10.0
    pulse: Path | None = None
    accept_missing_history: bool = False
    begins: Begins = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    installation: str = ""
    publishes: bool = True
