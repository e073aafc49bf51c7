"""The count of messages is that of real Alertmanagers, old and new, of the shipped routes."""

import json
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
import yaml

from events import format_instant
from streams.clock import now_ms
from tests.alerting.messages import Alert, Alertmanager
from tests.alerting.run import NOBODY, ROUTES
from tests.servers import AlertmanagerServer, Generation
from tests.servers.required import required

WAIT_S, INTERVAL_S, REPEAT_S = 1.0, 3.0, 7.5
"""The times of the shipped file, made short."""

LASTS_S: Final = 24.0

Names = frozenset[str]
Told = tuple[Names, Names]
"""Names of the alerts that a message calls firing, and of those that it calls resolved."""


def alert(name: str, begin_s: float, end_s: float, **labels: str) -> Alert:
    """An alert of the story."""
    every = {"alertname": name, "job": "j", "family": "customers", "severity": "warning", **labels}
    return Alert(frozenset(every.items()), begin_s, end_s)


STORY: Final = [
    alert("TidemarkChurnOffTarget", 0, 17, kpi="churn"),
    alert("TidemarkChurnWorseThanAWeekAgo", 0.3, 30, kpi="churn"),  # told when the other ends
    alert("TidemarkUsersOffTarget", 2.5, 8.5, kpi="users"),  # joins, and is over before
    alert("TidemarkBlinkOffTarget", 4.6, 6.4, kpi="blink"),  # between two looks
    alert("TidemarkMrrOffTarget", 0, 5.5, kpi="mrr", job="other"),  # alone in its group
    alert("TidemarkMrrOffTarget", 11.5, 30, kpi="mrr", job="other"),  # and once more
    alert("TidemarkSlow", 0, 30, job="third", family="service"),
    alert("TidemarkBoardIncomplete", 3, 9.5, job="third", family="service", severity="critical"),
    alert("TidemarkBoardStale", 3.2, 30, job="third", family="service"),
    alert("TidemarkBurst", 1, 30, job="third", family="service", severity="info"),
    alert("TidemarkLag", 6, 30, job="fourth", family="service"),
    alert("TidemarkDown", 10.4, 30, job="fourth", family="service", severity="critical"),
]
"""Alerts that begin and end, alone and together; some follow from others, or tell nobody."""


def shortened(webhook: str) -> str:
    """The shipped configuration with short times, its receivers put to a webhook."""
    told = yaml.safe_load(ROUTES.read_text())
    for route in (told["route"], *told["route"]["routes"]):
        for key, time_s in (
            ("group_wait", WAIT_S),
            ("group_interval", INTERVAL_S),
            ("repeat_interval", REPEAT_S),
        ):
            if key in route:
                route[key] = f"{int(1_000 * time_s)}ms"
    for receiver in told["receivers"]:
        if receiver["name"] != NOBODY:
            receiver["webhook_configs"] = [{"url": f"{webhook}/{receiver['name']}"}]
    return str(yaml.safe_dump(told))


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that keeps what is sent to it: its address, and the messages."""
    kept: list[dict[str, Any]] = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(address: str, one: Alert, begun_ms: int) -> None:
    """Sends an alert as it is now, as Prometheus does; that it is over, once it is."""
    body: dict[str, Any] = {"labels": dict(one.labels), "annotations": {}}
    body["startsAt"] = format_instant(begun_ms + int(one.begin_s * 1_000))
    is_over = now_ms() - begun_ms >= one.end_s * 1_000
    body["endsAt"] = format_instant(now_ms() if is_over else now_ms() + 600_000)
    request = urllib.request.Request(
        f"http://{address}/api/v2/alerts",
        json.dumps([body]).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def play(addresses: Sequence[str]) -> None:
    """Tells Alertmanagers of each begin and end at its time."""
    begun_ms = now_ms()
    turns = [(time_s, one) for one in STORY for time_s in (one.begin_s, one.end_s)]
    for time_s, one in sorted(turns, key=lambda turn: turn[0]):
        if time_s < LASTS_S:
            time.sleep(max(0.0, begun_ms / 1_000 + time_s - now_ms() / 1_000))
            for address in addresses:
                send(address, one, begun_ms)
    time.sleep(max(0.0, begun_ms / 1_000 + LASTS_S - now_ms() / 1_000))


def received(kept: Sequence[dict[str, Any]]) -> dict[tuple[str, str], list[Told]]:
    """What came, by receiver and group."""
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for message in kept:
        states: dict[str, set[str]] = {"firing": set(), "resolved": set()}
        for one in message["alerts"]:
            states[one["status"]].add(one["labels"]["alertname"])
        told = frozenset(states["firing"]), frozenset(states["resolved"])
        found[message["receiver"], message["groupLabels"].get("job", "")].append(told)
    return found


def counted(configuration: str) -> dict[tuple[str, str], list[Told]]:
    """What is counted, by receiver and group."""
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for message in Alertmanager.of(configuration).messages(STORY):
        if message.receiver != NOBODY and message.at_s < LASTS_S:
            every = message.firing | message.resolved
            job = {dict(labels)["job"] for labels in every}
            told = tuple(
                frozenset(dict(labels)["alertname"] for labels in part)
                for part in (message.firing, message.resolved)
            )
            found[message.receiver, job.pop()].append((told[0], told[1]))
    return found


def test_one_owner_off_target_hides_no_other() -> None:
    """Of a figure by owner, each is told for itself; of one owner one thing is told."""
    late = alert("TidemarkTasksOverdueOffTarget", 0, 90_000, kpi="tasks_overdue", owner="a")
    more, other = (
        alert("TidemarkTasksOverdueWorseThanAWeekAgo", 9, 90_000, kpi="tasks_overdue", owner=owner)
        for owner in ("a", "b")
    )
    first, *_ = Alertmanager.of(ROUTES.read_text()).messages([late, more, other])
    assert first.firing == {late.labels, other.labels}


@pytest.mark.broker
@pytest.mark.slow
def test_the_count_is_that_of_alertmanager() -> None:
    """Of one story, both Alertmanagers send the messages that are counted: to whom, of which group,
    how often, and which alerts each calls firing and resolved."""
    with ExitStack() as stack:
        kept = {}
        servers = []
        for generation in Generation:
            url, kept[generation] = stack.enter_context(webhook())
            server = AlertmanagerServer(shortened(url), generation)
            servers.append(stack.enter_context(required(server)))
        play([server.address for server in servers])
        right = counted(shortened(url))
        assert len(right) >= 5
        assert {generation: received(found) for generation, found in kept.items()} == {
            generation: right for generation in Generation
        }
