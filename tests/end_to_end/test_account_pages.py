"""Pages of accounts of ``tidemark run``: the events are at hand, wherever they come from."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from events import format_instant
from streams.clock import now_ms
from tests.end_to_end.commands import Commands
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.patience import wait_for
from tests.end_to_end.test_receive import post

pytestmark = pytest.mark.slow

DAY_MS: Final = 86_400_000
PORTS: Final = ("--port", "0", "--receive-port", "0")


def _subscription(number: int, amount: int, days_ago: int) -> dict[str, Any]:
    item = {"plan_id": "p", "amount": amount, "currency": "USD", "interval": "month"}
    kind = "subscription.updated" if number else "subscription.created"
    event = {"specversion": "1.0", "id": f"e{number}", "source": "test", "type": kind}
    data: dict[str, Any] = {"account_id": "acme", "subscription_id": "s", "status": "active"}
    at = format_instant(now_ms() - days_ago * DAY_MS)
    return {**event, "time": at, "data": {**data, "items": [item]}}


def _written(folder: Path, events: Sequence[dict[str, Any]]) -> Path:
    file = folder / "history.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in events))
    return file


def _rows(page: str) -> list[str]:
    """Returns the events of a page, each as plain text."""
    items = re.findall(r"<li><time.*?</li>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", item).split()) for item in items]


def test_a_file_is_read_again_for_the_events_of_an_account(
    commands: Commands, tmp_path: Path
) -> None:
    """Each event has what it changed, the newest first, and nothing is live."""
    history = [_subscription(0, 10_000, 30), _subscription(1, 25_000, 3)]
    service = commands.start("run", "run", "--events", _written(tmp_path, history), "--port", "0")
    exporter = Exporter(service)
    service.says("events folded")
    status, page = exporter.get("/account/events?id=acme")
    assert status == 200
    newest, oldest = _rows(page)
    assert "subscription updated e1 MRR +150.00 USD , expansion" in newest
    assert "subscription created e0 MRR +100.00 USD , new" in oldest
    assert "Steps of MRR" in exporter.get("/account?id=acme")[1]
    assert "Nothing has happened" in exporter.get("/events")[1]
    assert service.end() == 0, service.tail()


def test_what_comes_into_a_data_folder_is_in_the_ticker_and_the_log(
    commands: Commands, tmp_path: Path
) -> None:
    """A posted event is told with what it changed, and is the newest of its account."""
    history = _written(tmp_path, [_subscription(0, 10_000, 30)])
    folder = tmp_path / "data"
    service = commands.start("run", "run", "--data", folder, "--events", history, *PORTS)
    exporter, url = Exporter(service), service.says("events:  ")
    service.says("events folded")
    assert len(_rows(exporter.get("/account/events?id=acme")[1])) == 1
    upgrade = json.dumps(_subscription(1, 25_000, 0)).encode()
    assert post(url, upgrade)[0] == 200
    [told] = wait_for(lambda: _rows(exporter.get("/events")[1]) or None, service.tail)
    assert "acme subscription updated" in told
    assert "MRR +150.00 USD , expansion" in told
    newest, _ = _rows(exporter.get("/account/events?id=acme")[1])
    assert "subscription updated e1 MRR +150.00 USD" in newest
    assert service.end() == 0, service.tail()


def test_a_simulation_shows_something_soon(commands: Commands) -> None:
    """Its ticker fills at speed 1, and the events of an account are kept."""
    sizes = ("--accounts", "20", "--days", "60", "--seed", "5", "--port", "0")
    service = commands.start("run", "run", *sizes)
    exporter = Exporter(service)
    service.says("history is done")
    rows = wait_for(lambda: _rows(exporter.get("/events")[1]) or None, service.tail)
    [account, *_] = re.findall(r"acct_\d+", rows[0])
    assert len(_rows(exporter.get(f"/account/events?id={account}")[1])) > 10
    assert service.end() == 0, service.tail()


def test_pages_of_accounts_can_be_switched_off(commands: Commands, tmp_path: Path) -> None:
    """With the setting off no page names an account, and none is read for one."""
    history = _written(tmp_path, [_subscription(0, 10_000, 30)])
    commands.environment["TIDEMARK_ACCOUNT_PAGES"] = "false"
    service = commands.start("run", "run", "--events", history, "--port", "0")
    exporter = Exporter(service)
    service.says("events folded")
    for path in ("/account?id=acme", "/account/events?id=acme", "/events", "/kpis/mrr/why"):
        assert exporter.get(path)[0] == 404
    assert "acme" not in exporter.get("/")[1]
    assert service.end() == 0, service.tail()
