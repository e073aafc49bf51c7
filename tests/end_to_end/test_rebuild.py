"""Other settings: tables are never gone on with under them; a rebuild beside them takes over."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.commands import Commands, new_commands
from tests.end_to_end.explorer import Explorer
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle, Series
from tests.end_to_end.installation import PARTITIONS, Installation

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ZONE = "Pacific/Auckland"
"""Far from UTC, so that nearly every local day has other events."""


@pytest.fixture
def small(installation: Installation, tmp_path: Path) -> Path:
    """The events of a small company."""
    path = tmp_path / "small.ndjson"
    company = ("--accounts", "12", "--days", "60", "--seed", "7")
    installation.commands.output_of("simulate", *company, "--out", path)
    return path


@pytest.fixture
def elsewhere(installation: Installation, tmp_path: Path) -> Iterator[Commands]:
    """The commands of the same installation under another time zone."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with new_commands(folder, **installation.commands.settings, timezone=ZONE) as commands:
        yield commands


def test_another_time_zone_is_refused_rebuilt_and_switched_to(
    installation: Installation, elsewhere: Commands, small: Path
) -> None:
    """A worker of another time zone is refused by the name of the setting; a rebuild, killed
    half-way and run again, computes its tables while the old ones are served; then the first worker
    puts them in force, the old worker stops by itself and is refused, and figures are those of a
    replay under the new zone. An explorer does all of it as a worker does."""
    installation.publish(small)
    old = installation.worker()
    before = installation.exporter()
    before.wait_until_settled()
    here = installation.oracle(small)
    before.check(here)
    looking = Explorer(installation.commands.start("explorer", "explorer", "--port", "0"))
    looking.wait_until_settled(PARTITIONS)
    mrr: list[Series] = [("cs_mrr", (("currency", "USD"),))]
    assert looking.differences(here, mrr) == []

    for command in (["worker"], ["explorer", "--port", "0"]):
        refused = elsewhere.start(command[0], *command)
        assert refused.wait() == 70
        assert "other-settings: " in refused.tail()
        assert f'timezone is "UTC" there, "{ZONE}" here' in refused.tail()
        assert "tidemark rebuild" in refused.tail()

    killed = elsewhere.start("rebuild", "rebuild")
    killed.says("tidemark: ")
    killed.kill()
    assert "rebuilt" not in killed.tail()
    still = elsewhere.start("worker", "worker")
    assert still.wait() == 70, "tables that are half computed do not take over"
    again = elsewhere.start("rebuild", "rebuild")
    assert again.wait() == 0, again.tail()
    records = installation.published().total()
    assert f"100 %, {records} of {records} records" in again.tail()
    assert f"rebuilt from {records} records" in again.tail()
    assert f'timezone is "UTC" there, "{ZONE}" here' in again.tail()
    before.check(here)
    old.check_running()
    looking.service.check_running()

    elsewhere.start("worker", "--log-level", "info", "worker")
    after = Exporter(elsewhere.start("exporter", "exporter", "--port", "0"))
    after.wait_until_settled()
    there = Oracle(elsewhere, small)
    after.check(there)
    for stopped in (old, looking.service):
        assert stopped.wait() == 70
        assert "superseded: " in stopped.tail()
    explorer = Explorer(elsewhere.start("explorer", "explorer", "--port", "0"))
    explorer.wait_until_settled(PARTITIONS)
    assert explorer.differences(there, mrr) == []
    back = installation.worker()
    assert back.wait() == 70
    assert f'timezone is "{ZONE}" there, "UTC" here' in back.tail()

    seen = {f["name"]: f for f in json.loads(elsewhere.run("doctor", "--json").stdout)["findings"]}
    assert seen["tables"]["verdict"] == seen["board settings"]["verdict"] == "ok"
    assert "tidemark" in seen["tables apart"]["what"]
    other = installation.commands.run("doctor", "--json").stdout
    told = {f["name"]: f for f in json.loads(other)["findings"]}
    assert told["tables"]["verdict"] == told["board settings"]["verdict"] == "fail"
    assert f'timezone is "{ZONE}" there, "UTC" here' in told["tables"]["what"]
    status, reason = before.get("/-/ready")
    assert (status, "computed under other settings" in reason) == (503, True)
