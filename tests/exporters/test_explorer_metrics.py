"""The metrics of an explorer: about itself, under names that no exporter has."""

from typing import Final

from prometheus_client.registry import CollectorRegistry

from aggregates.shard.board import PartitionStatus, TopicStatus, encode_status
from exporters.boards.memory_board import MemoryBoard
from exporters.explorer_metrics import ExplorerMetrics, Following
from exporters.live_reading import Reading
from exporters.service_metrics import service_families
from tests.exporters import company

FOLLOWING: Final = Following(
    unread={("usage", "0"): 3, ("usage", "1"): None},
    stored_ms={("usage", "0"): 1_500, ("usage", "1"): None},
    rows={"usage": 40},
    restore_s=None,
)
METRICS: Final = ExplorerMetrics(lambda: FOLLOWING, {"version": "1"}, [CollectorRegistry()])


def reading_of(status: PartitionStatus) -> Reading:
    """A reading of one partition."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, said=encode_status(status))
    return company.live(board).take()


def samples(status: PartitionStatus) -> dict[tuple[str, ...], float]:
    """The values by name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in METRICS.families(reading_of(status))
        for sample in family.samples
    }


def test_what_is_known_has_a_sample() -> None:
    """What is unknown has none; times are in seconds."""
    status = PartitionStatus(
        ready=True, topics={"usage": TopicStatus(5, 2), "ticket": TopicStatus()}
    )
    assert samples(status) == {
        ("tidemark_explorer_build_info", "1"): 1,
        ("tidemark_explorer_ready",): 1,
        ("tidemark_explorer_unread_records", "usage", "0"): 3,
        ("tidemark_explorer_lag_records", "usage", "0"): 2,
        ("tidemark_explorer_deferred_units", "0"): 0,
        ("tidemark_explorer_checkpoint_timestamp_seconds", "usage", "0"): 1.5,
        ("tidemark_explorer_rows", "usage"): 40,
    }


def test_it_is_not_ready_while_nothing_is_shown() -> None:
    """As the probe has it."""
    assert samples(PartitionStatus())["tidemark_explorer_ready",] == 0


def test_it_has_no_name_in_common_with_an_exporter() -> None:
    """Whoever adds up, or takes the largest, over both has nothing twice: no KPI, and nothing of
    the service's own."""
    reading = reading_of(PartitionStatus(ready=True))
    own = {family.name for family in METRICS.families(reading)}
    others = {family.name for family in service_families(reading.state, reading.counts, "1")}
    assert len(own) == 8
    assert not own & others
    assert all(name.startswith("tidemark_explorer_") for name in own)
