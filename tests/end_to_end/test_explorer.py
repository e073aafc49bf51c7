"""``tidemark explorer`` beside workers: every figure that of a replay, and nothing written."""

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from aggregates.time.tile import edge_after
from streams.clock import now_ms
from tests.end_to_end.explorer import Explorer
from tests.end_to_end.figures import Oracle, Series
from tests.end_to_end.installation import PARTITIONS, Installation
from tests.end_to_end.patience import wait_for
from tests.end_to_end.test_merged_accounts import Merges, packed

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMPANY = ("--accounts", "24", "--days", "90", "--seed", "5")


def explorer_of(installation: Installation) -> Explorer:
    """Starts an explorer."""
    return Explorer(installation.commands.start("explorer", "explorer", "--port", "0"))


def series_of(oracle: Oracle) -> list[Series]:
    """The series of KPIs that a replay has now, without their parts."""
    found = oracle.at(edge_after(now_ms()))
    parts = ("_numerator", "_denominator")
    return [series for series in sorted(found) if not series[0].endswith(parts)]


async def _state(bootstrap: str) -> tuple[dict[str, int], list[str]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(await admin.list_topics())
        groups = [group for group, _ in await admin.list_consumer_groups()]
    finally:
        await admin.close()
    return {topic["topic"]: len(topic["partitions"]) for topic in described}, sorted(groups)


def state_of(installation: Installation) -> tuple[dict[TopicPartition, int], list[str]]:
    """Where each log of the broker ends, the broker's own among them, and all groups."""
    topics, groups = asyncio.run(_state(installation.kafka.bootstrap))
    places = [TopicPartition(topic, n) for topic, count in topics.items() for n in range(count)]
    return asyncio.run(installation.ends(places)), groups


def check_why(explorer: Explorer, installation: Installation) -> None:
    """The page on the change of MRR names the account that `tidemark explain` has moved it most."""
    source = f"kafka://{installation.kafka.bootstrap}"
    asked = ("explain", "mrr", source, "--since", "-30d", "--format", "json")
    told = [json.loads(line) for line in installation.commands.output_of(*asked).splitlines()]
    most = max(told, key=lambda each: abs(each["value"]))
    assert most["value"] != 0
    status, page = explorer.get("/kpis/mrr/why?days=30")
    assert (status, most["account"] in page) == (200, True)


def test_every_figure_of_an_explorer_is_that_of_a_replay(
    installation: Installation, tmp_path: Path
) -> None:
    """It is refused while there are no tables. Beside two workers its pages have every series that
    a replay has, with the same value: after a start, after more events with merges over partitions
    while a worker is killed, after its own restart, and after the broker was away, of which the
    page speaks meanwhile. It writes nothing, and is in no group."""
    path = tmp_path / "company.ndjson"
    installation.commands.output_of("simulate", *COMPANY, "--out", path)
    lines = path.read_bytes().splitlines()
    merges, half = Merges(lines), len(lines) // 2
    parts = [packed(merges.chain(2)) + lines[:half], packed(merges.chain(1)) + lines[half:]]
    everything = tmp_path / "told.ndjson"
    told: list[bytes] = []

    def publish(part: list[bytes]) -> None:
        file = tmp_path / "part.ndjson"
        file.write_bytes(b"\n".join(part) + b"\n")
        installation.publish(file)
        told.extend(part)
        everything.write_bytes(b"\n".join(told) + b"\n")

    early = installation.commands.start("early", "explorer", "--port", "0")
    assert early.wait() == 70
    assert "no-tables: " in early.tail()

    installation.commands.settings["stale_after"] = "4"
    publish(parts[0])
    first, _ = installation.worker(), installation.worker()
    first.says(" ready: generation ")
    explorer = explorer_of(installation)
    explorer.wait_until_settled(PARTITIONS)
    oracle = installation.oracle(everything)
    series = series_of(oracle)
    assert len(series) > 200
    assert explorer.differences(oracle, series[::7]) == []

    publish(parts[1])
    first.kill()
    installation.wait_until_committed()
    explorer.wait_until_settled(PARTITIONS)
    oracle = installation.oracle(everything)
    series = series_of(oracle)
    assert explorer.differences(oracle, series) == []

    before = state_of(installation)
    again = explorer_of(installation)
    again.wait_until_settled(PARTITIONS)
    assert again.differences(oracle, series[::7]) == []
    account = json.loads(lines[-1])["data"]["account_id"]
    check_why(again, installation)
    status, page = again.get(f"/account?id={quote(account)}")
    assert (status, account in page) == (200, True)
    assert again.service.end() == 0, again.service.tail()
    assert state_of(installation) == before

    installation.kafka.pause()
    wait_for(
        lambda: "Kafka last answered" in explorer.get("/-/ready")[1],
        lambda: f"stale: {explorer.get('/-/ready')}",
    )
    assert "Kafka last answered" in explorer.get("/")[1]
    installation.kafka.resume()
    explorer.wait_until_settled(PARTITIONS)
    assert explorer.differences(oracle, series[::7]) == []
    assert not [name for name, _ in explorer.metrics() if name.startswith("cs_")]
    assert explorer.service.end() == 0, explorer.service.tail()
