"""The oracle of the runs: what it says of a part of a log is what is shown of just these events."""

import json
from collections.abc import Sequence

import pytest
from aiokafka.structs import ConsumerRecord
from prometheus_client import CollectorRegistry, generate_latest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_after
from events import RETRACTION_TOPICS, TOPICS, topic_of
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from streams.clock import now_ms
from streams.local.embedded import Embedded
from tests.end_to_end.exporter import Scrape
from tests.end_to_end.figures import difference
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.faults.company import Size, told
from tests.faults.log import Log, Oracle

PLAN = Plan()
NOW_MS = now_ms()
SMALL = Size(accounts=12, days=60, duplicates=0.2)


def _log(lines: Sequence[bytes]) -> Log:
    """Lines as they lie in topics of one partition, at even offsets."""
    records: dict[tuple[str, int], list[ConsumerRecord]] = {(topic, 0): [] for topic in TOPICS}
    for line in lines:
        topic = topic_of(json.loads(line)["type"])
        for name in (topic,) if topic else RETRACTION_TOPICS:
            lane = records[name, 0]
            lane.append(_record(name, 2 * len(lane), line))
    return Log(1, records)


def _record(topic: str, offset: int, value: bytes, key: bytes = b"") -> ConsumerRecord:
    size = len(value)
    return ConsumerRecord(topic, 0, offset, 0, 0, key, value, None, 0, size, ())


def _shown(lines: Sequence[bytes]) -> Scrape:
    """What a service of one process shows of events."""
    embedded = Embedded(PLAN)
    embedded.load([lines], lambda _: None)
    embedded.publish()
    catalogue = FixedCatalogue(load(PLAN.measures.values(), shipped_source()))
    live = LiveReading(Feed(embedded.board), catalogue, PLAN.calendar, lambda: NOW_MS)
    registry = CollectorRegistry()
    registry.register(LiveCollector(live, version="0"))
    return Scrape(generate_latest(registry).decode())


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """The events of a small company, in disorder."""
    return told(3, SMALL)


def test_a_fold_of_the_log_is_what_is_shown(lines: list[bytes]) -> None:
    """Every series of a KPI, and no other; an event that is missing is noticed."""
    oracle, edge = Oracle(_log(lines), PLAN), edge_after(NOW_MS)
    assert difference(_shown(lines).series, oracle.figures(edge)) == ""
    opened = next(line for line in lines if b'"ticket.created"' in line)
    without = [line for line in lines if line != opened]
    assert difference(_shown(without).series, oracle.figures(edge)) != ""


def test_a_fold_up_to_offsets_knows_nothing_of_later_records(lines: list[bytes]) -> None:
    """What lies at or after an offset is not folded; what lies before is."""
    some = lines[: len(lines) // 3]
    part = _log(some)
    upto = {place: 2 * len(records) for place, records in part.records.items()}
    oracle, edge = Oracle(_log(lines), PLAN), edge_after(NOW_MS)
    assert difference(_shown(some).series, oracle.figures(edge, upto)) == ""
    assert oracle.figures(edge, upto) != oracle.figures(edge)


def test_a_merge_is_split_between_the_first_records_of_its_two_sides() -> None:
    """One that was told again splits nothing: what comes twice changes nothing."""
    merged = b'{"type": "account.merged"}'
    sides = [(0, b"from"), (1, b"from"), (2, b"into"), (3, b"into")]
    records = [_record("account", offset, merged, key) for offset, key in sides]
    log = Log(1, {("account", 0): records})
    split = [log.splits_a_merge({("account", 0): upto}) for upto in range(5)]
    assert split == [False, True, True, False, False]
