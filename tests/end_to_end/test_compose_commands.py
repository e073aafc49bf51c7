"""docker-compose.yml without containers: the same commands and settings, as plain processes.

What an image does inside is not shown: that its programs are there, rights, folders and limits.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import GIVEN
from tests.end_to_end.composed import (
    Composed,
    ComposedAlertmanager,
    ComposedKafka,
    ComposedPrometheus,
    composed_redis,
)
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.patience import wait_for
from tests.servers.compose import ROOT, ComposeProgram
from tests.servers.port import HOST, free_port
from tests.servers.required import available, required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PROMETHEUS = ROOT / "deploy" / "prometheus"
ANSWER_S = 30.0


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of docker-compose.yml, those of profiles included."""
    with available():
        program = ComposeProgram()
    given = GIVEN | {"DEMO_ACCOUNTS": "40"}
    found: dict[str, Any] = program.read([ROOT / "docker-compose.yml"], given)["services"]
    return found


@pytest.fixture
def composed(services: dict[str, Any], tmp_path: Path) -> Iterator[Composed]:
    """Kafka and Redis as the compose file has them, and nothing of ours started yet."""
    with ExitStack() as stack:
        kafka = stack.enter_context(required(ComposedKafka(services["kafka"]["environment"])))
        redis = stack.enter_context(required(composed_redis(services["redis"])))
        port, receive_port, explorer_port = free_port(), free_port(), free_port()
        here = {
            "kafka:29092": kafka.inside,
            "redis:6379": f"{HOST}:{redis.port}",
            "0.0.0.0": HOST,
            "127.0.0.1:9108": f"{HOST}:{port}",
            "exporter:9108": f"{HOST}:{port}",
            "127.0.0.1:9109": f"{HOST}:{receive_port}",
            "receive:9109": f"{HOST}:{receive_port}",
            "127.0.0.1:9110": f"{HOST}:{explorer_port}",
            "explorer:9110": f"{HOST}:{explorer_port}",
        }
        ports = {
            "TIDEMARK_PORT": str(port),
            "TIDEMARK_RECEIVE_PORT": str(receive_port),
            "TIDEMARK_EXPLORER_PORT": str(explorer_port),
        }
        composed = Composed(tmp_path, services, here, ports)
        stack.callback(composed.down)
        yield composed


def asked(server: ComposedPrometheus, path: str) -> Any:
    """The data of an answer of Prometheus's interface."""
    with urllib.request.urlopen(f"{server.url}/api/v1/{path}", timeout=ANSWER_S) as answer:
        return json.load(answer)["data"]


def test_the_demo_comes_up_and_prometheus_sees_its_figures(composed: Composed) -> None:
    """Every service becomes healthy by its own check, in the order in which they wait for each
    other; the exporter shows whole figures; Prometheus, with its deployed configuration and rules,
    scrapes them; and the doctor has nothing to say."""
    for name in ("worker", "exporter", "explorer", "receive", "simulator"):
        composed.up(name)
    assert len(composed.started["worker"]) == 2
    for started in (each for name in composed.started for each in composed.started[name]):
        if started.check:
            started.wait_until_healthy()
    [simulator] = composed.started["simulator"]
    simulator.service.says("live now")
    [shown] = composed.started["exporter"]
    exporter = Exporter(shown.service)
    exporter.wait_until_shared(2)
    exporter.wait_until_settled()
    assert exporter.scrape().samples["cs_mrr", (("currency", "USD"),)] > 0
    _prometheus_sees_it(composed)
    assert shown.service.end() == 0, shown.service.tail()
    assert not shown.is_healthy()
    for started in (
        *(each for name in ("worker", "explorer", "receive") for each in composed.started[name]),
        simulator,
    ):
        assert started.service.end() == 0, started.service.tail()


def _prometheus_sees_it(composed: Composed) -> None:
    services = composed.services
    with required(ComposedAlertmanager(services["alertmanager"])) as alertmanager:
        here = {
            **composed.here,
            "alertmanager:9093": alertmanager.address,
            "/etc/prometheus/rules": str(PROMETHEUS / "rules"),
        }
        config = PROMETHEUS / "prometheus.yml"
        with required(ComposedPrometheus(services["prometheus"], config, here)) as prometheus:
            wait_for(
                lambda: (
                    prometheus.query('up{job="tidemark"} == 1')
                    and prometheus.query('up{job="tidemark-gateway"} == 1')
                    and prometheus.query('tidemark_explorer_ready{job="tidemark-explorer"} == 1')
                    and prometheus.query("cs_mrr")
                ),
                lambda: f"a scrape: {asked(prometheus, 'targets')}",
            )
            assert not prometheus.query('{__name__=~"cs_.+", job="tidemark-explorer"}')
            [alerting] = asked(prometheus, "alertmanagers")["activeAlertmanagers"]
            assert alertmanager.address in alerting["url"]
            rules = [r for group in asked(prometheus, "rules")["groups"] for r in group["rules"]]
            assert rules
            assert [rule for rule in rules if rule["health"] == "err"] == []
            runtime = asked(prometheus, "status/runtimeinfo")
            assert runtime["storageRetention"] == "5y"
            _doctor_finds_nothing(composed, prometheus)


def _doctor_finds_nothing(composed: Composed, prometheus: ComposedPrometheus) -> None:
    composed.here = {**composed.here, "prometheus:9090": f"{HOST}:{prometheus.port}"}
    composed.up("doctor")
    [doctor] = composed.started["doctor"]
    assert doctor.service.wait() == 0, doctor.service.tail()
    doctor.service.says("0 to mend, 0 to look after")


def test_a_worker_that_has_not_started_is_not_healthy(composed: Composed) -> None:
    """The check says no before it says yes: it is no mere question for a process."""
    composed.up("topics")
    composed.up("worker")
    first, second = composed.started["worker"]
    first.wait_until_healthy()
    second.wait_until_healthy()
    pulse = Path(first.environment["TIDEMARK_PULSE"])
    assert first.service.end() == 0, first.service.tail()
    assert second.is_healthy()
    pulse.unlink()
    assert not first.is_healthy()
