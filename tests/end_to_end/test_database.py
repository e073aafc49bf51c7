"""The page about databases: its own statements and settings, from PostgreSQL to the figures.

Nothing is played: PostgreSQL, Debezium in Kafka Connect, Kafka, a worker and an exporter.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events import Decoder, format_instant
from streams.clock import now_ms
from streams.kafka.routing import Routed, Router
from streams.kafka.wire import decode
from tests.end_to_end.outbox import EVENT_TOPICS, Config, Outbox, new_outbox, settings, sql

pytestmark = [pytest.mark.broker, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[2] / "events" / "examples.ndjson"
HOUR_MS = 3_600_000

JSON = "org.apache.kafka.connect.json.JsonConverter"

NAIVE: dict[str, tuple[Config, str]] = {
    "schemas": ({"value.converter": JSON}, "invalid_envelope"),
    "text": (
        {"value.converter": JSON, "value.converter.schemas.enable": "false"},
        "not_an_object",
    ),
    "envelope": (
        {"transforms.outbox.table.fields.additional.placement": "topic:envelope:of"},
        "invalid_json",
    ),
}
"""Settings that the page warns of, and why what comes of them is refused."""


def event(name: str, kind: str = "seats.set", **data: Any) -> bytes:
    """An event of an account."""
    told = {"specversion": "1.0", "id": name, "source": "crm", "type": kind}
    about = {"account_id": "acct_19", **(data or {"seats": 3})}
    return json.dumps({**told, "time": "2026-03-01T00:00:00Z", "data": about}).encode()


def canonical(line: bytes) -> str:
    """An event with its fields in order."""
    return json.dumps(json.loads(line), sort_keys=True)


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outbox]:
    """The servers, with the page's connector and a worker running."""
    with new_outbox(tmp_path_factory.mktemp("outbox")) as made:
        made.carry()
        made.installation.worker().says("ready")
        yield made


def mrr(outbox: Outbox) -> float:
    """MRR soon, by a replay of the topics."""
    at = ("--at", format_instant(now_ms() + HOUR_MS))
    source = f"kafka://{outbox.installation.kafka.bootstrap}"
    told = outbox.installation.commands.output_of("replay", source, *at)
    [found] = [line for line in map(json.loads, told.splitlines()) if line["kpi"] == "mrr"]
    return float(found["value"])


def test_every_event_gets_where_it_belongs(outbox: Outbox) -> None:
    """Of every type the record is the event as it was told, under the topic and the keys that
    ``tidemark publish`` gives it, in the partition where a worker takes it."""
    lines = EXAMPLES.read_bytes().splitlines()
    wanted = Counter(
        (f"tidemark.{each.topic}", each.key, canonical(each.line))
        for each in Router().route(lines, range(len(lines)))
        if isinstance(each, Routed)
    )
    assert wanted.total() >= len(lines)
    outbox.tell(lines)
    found = outbox.wait_for_records(wanted.total(), EVENT_TOPICS)
    assert Counter((r.topic, r.key.decode(), canonical(r.value)) for r in found) == wanted
    outbox.installation.wait_until_committed()
    assert outbox.installation.letters() == []


def test_what_is_committed_is_in_the_figures(outbox: Outbox) -> None:
    """A trigger tells contracts: their new price and their end count, once where one changes hands;
    a transaction that was rolled back does not, nor a cost that was taken back."""
    before = mrr(outbox)
    count = len(outbox.records(EVENT_TOPICS))
    outbox.postgres.run(sql("contracts.sql"))
    outbox.postgres.run(
        """
        INSERT INTO contracts VALUES ('c1', 'acme', 'pro', 49.5), ('c2', 'zoo', 'pro', 9);
        UPDATE contracts SET monthly = 99.99 WHERE id = 'c1';
        BEGIN;
        UPDATE contracts SET monthly = 7;
        ROLLBACK;
        BEGIN;
        UPDATE contracts SET monthly = 1 WHERE id = 'c1';
        UPDATE contracts SET monthly = 19.99 WHERE id = 'c1';
        COMMIT;
        DELETE FROM contracts WHERE id = 'c2';
        UPDATE contracts SET account_id = 'buyer' WHERE id = 'c1';
        """
    )
    for refused in ("id = 'c3'", "account_id = ''"):
        with pytest.raises(RuntimeError, match=r"keeps its id|null value"):
            outbox.postgres.run(f"UPDATE contracts SET {refused} WHERE id = 'c1'")
    cost = event("cost_1", "cost.recorded", category="retention", amount=100, currency="USD")
    back = event("back_1", "event.retracted", retracts="cost_1", retracts_type="cost.recorded")
    outbox.tell([cost, back])
    outbox.wait_for_records(count + 11, EVENT_TOPICS)
    outbox.installation.wait_until_committed()
    assert mrr(outbox) - before == pytest.approx(19.99)
    assert len(outbox.records(EVENT_TOPICS)) == count + 11
    assert outbox.installation.letters() == []


def test_the_slot_moves_while_other_tables_change(outbox: Outbox) -> None:
    """The database need not keep its log for an outbox in which nothing happens."""
    outbox.postgres.run("CREATE TABLE busy AS SELECT repeat('x', 1000) FROM generate_series(1, 9)")
    outbox.wait_until_confirmed()


def test_nothing_is_lost_or_counted_twice(outbox: Outbox, tmp_path: Path) -> None:
    """What is told while Connect is killed comes, though its row is gone; with the slot lost all
    that is in the outbox comes again, and in the figures is each event once."""
    outbox.wait_until_confirmed()
    outbox.connect.kill()
    outbox.tell([event("kept"), event("gone")])
    history = outbox.told(tmp_path / "history.ndjson")
    outbox.postgres.run("DELETE FROM tidemark_outbox WHERE event ->> 'id' = 'gone'")
    outbox.connect.start()
    outbox.carry()
    assert outbox.wait_for_ids(["kept", "gone"])["gone"] == 1

    outbox.lose_the_slot(event("between"))
    assert outbox.wait_for_ids(["between"])["kept"] == 2
    with history.open("ab") as file:
        file.write(event("between") + b"\n")
    outbox.installation.wait_until_committed()
    exporter = outbox.installation.exporter()
    exporter.wait_until_right(outbox.installation.oracle(history))
    assert outbox.installation.letters() == []


def test_an_outbox_with_data_alone_is_read_as_binary_mode(outbox: Outbox) -> None:
    """The page's second settings: attributes from columns, the value as it is. The version as a
    literal of a transform becomes another number, and the event is refused."""
    outbox.postgres.run(
        """
        CREATE TABLE events_out (
            id uuid PRIMARY KEY, specversion text NOT NULL DEFAULT '1.0', source text, type text,
            time timestamptz, aggregatetype text, aggregateid text, payload jsonb);
        GRANT SELECT ON events_out TO tidemark_connect;
        CREATE PUBLICATION events_out FOR TABLE events_out WITH (publish = 'insert');
        """
    )
    [_, columns] = settings()
    own = {**columns, "table.include.list": "public.events_out", "publication.name": "events_out"}
    placement = "transforms.outbox.table.fields.additional.placement"
    literal = {
        placement: own[placement].replace("specversion:header:ce_specversion,", ""),
        "transforms": "outbox,version",
        "transforms.version.type": "org.apache.kafka.connect.transforms.InsertHeader",
        "transforms.version.header": "ce_specversion",
        "transforms.version.value.literal": "1.0",
    }
    outbox.side("binary", own)
    outbox.side("version", {**own, **literal})
    outbox.wait_until_running(["binary", "version"])
    outbox.postgres.run(
        """
        INSERT INTO events_out (id, source, type, time, aggregatetype, aggregateid, payload)
        VALUES ('00000000-0000-0000-0000-000000000001', 'crm', 'seats.set',
            '2026-03-01 02:00+02', 'usage', 'acct_19', '{"account_id": "acct_19", "seats": 3}')
        """
    )
    [record] = outbox.wait_for_records(1, {"binary.usage": 1})
    assert record.key == b"acct_19"
    taken: Any
    [taken] = decode(Decoder(topic="usage"), [record]).batch.events
    assert (taken.source, taken.id[-1], taken.key) == ("crm", "1", "acct_19")
    assert (format_instant(taken.time_ms), taken.data.seats) == ("2026-03-01T00:00:00Z", 3)
    [record] = outbox.wait_for_records(1, {"version.usage": 1})
    assert dict(record.headers)["ce_specversion"] == b"1"
    [reject] = decode(Decoder(topic="usage"), [record]).batch.rejects
    assert reject.reason == "invalid_envelope"


def test_what_the_page_warns_of(outbox: Outbox) -> None:
    """Other converters and transforms make what is refused, or what says something else."""
    for name, (changed, _) in NAIVE.items():
        outbox.side(name, changed)
    plain = {"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
    outbox.side("keys", {"key.converter": JSON, **plain})
    expanding = {"transforms.outbox.table.expand.json.payload": "true"}
    outbox.side("expanded", {"value.converter": JSON, **plain, **expanding})
    outbox.wait_until_running([*NAIVE, "keys", "expanded"])
    state = {"subscription_id": "s1", "status": "active", "items": []}
    outbox.tell([event("none", "subscription.updated", **state)])
    for name, (_, reason) in NAIVE.items():
        [record] = outbox.wait_for_records(1, {f"{name}.subscription": 1})
        [reject] = decode(Decoder(topic="subscription"), [record]).batch.rejects
        assert reject.reason == reason, name
    [record] = outbox.wait_for_records(1, {"keys.subscription": 1})
    assert record.key == b'"acct_19"'
    [record] = outbox.wait_for_records(1, {"expanded.subscription": 1})
    told = json.loads(record.value)["data"]
    assert told == {"account_id": "acct_19", "subscription_id": "s1", "status": "active"}
