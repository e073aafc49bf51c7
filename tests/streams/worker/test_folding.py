"""Folding runs: none is missed, none counts twice, and what is refused is kept with its reason."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from events import TOPICS
from streams.clock import monotonic_s
from streams.kafka.dead_letter import unpack_dead_letter
from streams.kafka.runs import Run
from streams.kafka.topics import Topics
from streams.worker.error import WorkerError
from streams.worker.folding import REWIND_WAIT_S, Folding
from streams.worker.partition import Lane, Partition, new_partition
from tests.streams.worker.fake_shard import FakeDecoder, FakeShard


@dataclass(frozen=True)
class Fetched:
    """A fetched record."""

    offset: int
    value: bytes | None
    key: bytes | None = b"k"
    timestamp: int | None = 1
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(eq=False)
class FakeEvent:
    """A Faust event, as far as the folding looks."""

    value: Run


class Bench:
    """One partition, its folding, and the rewinds that were asked for."""

    def __init__(self) -> None:
        self.shard = FakeShard()
        self.partition: Partition = new_partition(0, cast(Any, self.shard), Topics())
        self.partition.ready = True
        self.lane: Lane = self.partition.lanes["usage"]
        self.rewinds: list[int] = []
        decoder = cast(Any, FakeDecoder())
        self.folding = Folding({0: self.partition}, dict.fromkeys(TOPICS, decoder))

    def take(self, begin: int, end: int, *values: bytes | None) -> None:
        """Offers a run whose records lie at the end of what it covers."""
        first = end - len(values)
        records = [Fetched(first + place, value) for place, value in enumerate(values)]
        run = Run("tidemark.usage", 0, begin, end, end, records)
        event = cast(Any, FakeEvent(run))
        self.folding.take("usage", event, self.rewind)

    def rewind(self, lane: Lane) -> None:
        """Reads again, as the worker would."""
        lane.rewound_s = monotonic_s()
        self.rewinds.append(lane.next)

    @property
    def ids(self) -> set[str]:
        """Ids of the folded events."""
        return {each for ids in self.shard.rows.get("usage", {}).values() for each in ids}


def use(name: str, user: str = "u") -> bytes:
    """An event."""
    return json.dumps({"id": name, "user": user}).encode()


def test_runs_that_join_are_folded_in_order() -> None:
    """Offsets without records (markers, compaction) are covered by a run and are no hole."""
    bench = Bench()
    bench.take(0, 2, use("a"), use("b"))
    bench.take(2, 5, use("c"))
    bench.take(5, 6)
    assert bench.ids == {"a", "b", "c"}
    assert bench.lane.next == 6
    assert len(bench.partition.pending) == 3
    assert bench.partition.pending_records == 3


def test_a_run_after_a_hole_is_not_folded_and_the_source_is_read_again_once() -> None:
    """A lost run shows as a hole; runs already fetched behind it must wait as well."""
    bench = Bench()
    bench.take(0, 1, use("a"))
    bench.take(2, 3, use("c"))
    bench.take(3, 4, use("d"))
    assert bench.ids == {"a"}
    assert bench.rewinds == [1]
    assert len(bench.partition.pending) == 1
    bench.take(1, 4, use("b"), use("c"), use("d"))
    assert bench.ids == {"a", "b", "c", "d"}
    bench.take(5, 6, use("f"))
    assert bench.rewinds == [1, 4]


def test_a_rewind_that_nothing_follows_is_due_again() -> None:
    """The last run of a quiet topic may be the one that is missing: no later one would tell."""
    bench = Bench()
    bench.take(1, 2, use("b"))
    assert not bench.folding.overdue()
    assert bench.lane.rewound_s is not None
    bench.lane.rewound_s -= REWIND_WAIT_S
    assert bench.folding.overdue() == [bench.lane]
    bench.take(0, 2, use("a"), use("b"))
    assert not bench.folding.overdue()


def test_what_is_folded_already_is_skipped() -> None:
    """Of a run that overlaps only the new part is folded; one that is all old changes nothing."""
    bench = Bench()
    bench.take(0, 2, use("a"), use("b"))
    bench.take(1, 3, use("other"), use("c"))
    bench.take(0, 2, use("x"), use("y"))
    assert bench.ids == {"a", "b", "c"}
    assert bench.lane.next == 3


def test_a_partition_that_is_not_ready_takes_nothing() -> None:
    """Runs of a partition that is being restored, or is another's, are neither folded nor kept."""
    bench = Bench()
    bench.partition.ready = False
    bench.take(0, 1, use("a"))
    assert not bench.ids
    assert not bench.partition.pending


def test_rejects_and_refusals_become_letters_with_their_own_offset() -> None:
    """The letter names the record itself, not the run."""
    bench = Bench()
    bench.take(0, 5, use("a"), b"{", use("b", "refuse"))
    letters = [unpack_dead_letter(value) for _, value in bench.partition.dead_letters]
    assert [(letter.offset, letter.reason, letter.raw) for letter in letters] == [
        (3, "invalid_json", b"{"),
        (4, "conflict", use("b", "refuse")),
    ]
    left_out = bench.partition.left_out
    assert left_out.outcomes["usage", "rejected"] == 1
    assert left_out.rejected == {("usage", "invalid_json"): 1, ("usage", "conflict"): 1}
    assert left_out.examples["usage", "conflict"] == "tidemark.usage[0] offset 4"
    assert left_out.examples["usage", "invalid_json"].startswith("tidemark.usage[0] offset 3: ")


def test_a_record_of_another_partition_becomes_a_letter() -> None:
    """Its account's other events lie elsewhere: half an account's figures would be counted here."""
    bench = Bench()
    bench.shard.holds = lambda user: user != "elsewhere"
    bench.take(0, 4, use("a"), use("b", "elsewhere"), use("c"))
    letters = [unpack_dead_letter(value) for _, value in bench.partition.dead_letters]
    assert [(letter.offset, letter.reason) for letter in letters] == [(2, "wrong_partition")]
    assert bench.ids == {"a", "c"}
    assert bench.partition.left_out.outcomes["usage", "wrong_partition"] == 1


def test_a_bug_is_named_with_its_offsets() -> None:
    """An exception in the fold is no data: it stops the worker."""
    bench = Bench()
    with pytest.raises(WorkerError, match=r"fold-failed: .*offsets 0 to 0") as caught:
        bench.take(0, 1, use("a", "bug"))
    assert caught.value.reason == "fold-failed"
    assert not bench.partition.pending
    assert bench.lane.next == 0
