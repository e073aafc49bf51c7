"""A churn spike, from events through Prometheus's rules to Alertmanager, with the newest servers.

Nothing but times and addresses differs from what is shipped: the configuration of both servers is
that of ``deploy``, the rules come from the generator, told to be less patient.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from events import format_instant
from exporters.rules import RuleOptions, write_rules
from streams.clock import now_ms
from tests.end_to_end.commands import Commands, Service
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.patience import wait_for
from tests.servers import AlertmanagerServer, Generation, PrometheusServer
from tests.servers.required import required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

DEPLOY = Path(__file__).parents[2] / "deploy"

OPTIONS = RuleOptions(
    runbooks="https://example.org/runbooks",
    grafana="https://grafana.example.org",
    interval_s=1,
    hold_max_s=3,
)

ACCOUNTS, LOST = 40, 8
"""Of 40 accounts 8 leave: a churn of 20 %, where 5 % is acceptable."""

DAY_MS = 86_400_000

CHURN = "TidemarkCustomerChurnRatioOffTarget"

EVALUATIONS = 5
"""Evaluations of the rules after which silence is an answer: more than a spike needs to fire."""


def event(name: str, kind: str, days_ago: float, **data: object) -> bytes:
    """Returns one event as a line."""
    time = format_instant(now_ms() - int(days_ago * DAY_MS))
    envelope = {"specversion": "1.0", "id": name, "source": "test", "type": kind, "time": time}
    return json.dumps({**envelope, "data": data}).encode() + b"\n"


def subscription(number: int, kind: str, days_ago: float, amount: int = 5_000) -> bytes:
    """Returns the state of an account's one subscription."""
    item = {"item_id": "i", "plan_id": "pro", "amount": amount, "currency": "USD"}
    items = [{**item, "quantity": 1, "interval": "month", "interval_count": 1}]
    name, account = f"{kind}-{number}", f"account-{number}"
    fields = {"account_id": account, "subscription_id": f"sub-{number}", "items": items}
    return event(name, f"subscription.{kind}", days_ago, **fields, status="active")


def calm_history() -> Iterator[bytes]:
    """Tells of a company that loses nobody and of which nothing changes."""
    for number in range(ACCOUNTS):
        yield subscription(number, "created", days_ago=100)


def ends(number: int) -> bytes:
    """Ends a subscription now."""
    fields = {"account_id": f"account-{number}", "subscription_id": f"sub-{number}"}
    return event(f"deleted-{number}", "subscription.deleted", 0, **fields)


def taken_back(number: int) -> bytes:
    """Takes the end of a subscription back."""
    fields = {"account_id": f"account-{number}", "retracts": f"deleted-{number}"}
    of = {"retracts_type": "subscription.deleted"}
    return event(f"retracted-{number}", "event.retracted", 0, **fields, **of)


@dataclass
class Company:
    """An embedded service that is told its events over standard input."""

    service: Service
    exporter: Exporter

    def tell(self, events: Iterator[bytes]) -> None:
        """Sends events to it."""
        pipe = self.service.process.stdin
        assert pipe is not None
        pipe.writelines(events)
        pipe.flush()


@dataclass
class Watched:
    """Two companies, a Prometheus that scrapes both, and its Alertmanager."""

    spiking: Company
    quiet: Company
    prometheus: PrometheusServer
    alertmanager: AlertmanagerServer

    def states(self, job: str, alert: str) -> set[str]:
        """The states that an alert of a job has been in so far."""
        selector = f'ALERTS{{job="{job}", alertname=~"{alert}"}}'
        found = self.prometheus.query(f"count_over_time({selector}[1h])")
        return {series["metric"]["alertstate"] for series in found}

    def is_firing(self, job: str, alert: str) -> bool:
        """Whether an alert fires now."""
        selector = f'ALERTS{{job="{job}", alertname="{alert}", alertstate="firing"}}'
        return bool(self.prometheus.query(selector))

    def evaluations(self, job: str) -> float:
        """How often the churn of a job has been set against its target."""
        series = f'job:cs_customer_churn_ratio:target_gap{{job="{job}"}}'
        found = self.prometheus.query(f"count_over_time({series}[1h])")
        return float(found[0]["value"][1]) if found else 0.0

    def wait_for_evaluations(self, job: str) -> None:
        """Waits until the rules have been evaluated often enough for silence to mean something."""
        enough = self.evaluations(job) + EVALUATIONS
        wait_for(
            lambda: self.evaluations(job) > enough,
            lambda: f"{enough} evaluations of {job}, only {self.evaluations(job)}",
        )

    def told(self, job: str, alert: str) -> list[dict[str, Any]]:
        """The alerts of a name that have reached Alertmanager and are active there."""
        wanted = {"job": job, "alertname": alert}
        return [a for a in self.alertmanager.alerts() if wanted.items() <= a["labels"].items()]


def company(commands: Commands, name: str) -> Company:
    """Starts an embedded service that has heard of calm times only."""
    service = commands.start(name, "run", "--events", "-", "--port", "0", stdin=subprocess.PIPE)
    made = Company(service, Exporter(service))
    made.tell(calm_history())
    return made


def configured(rules: Path, spiking: Company, quiet: Company, alertmanager: str) -> str:
    """Returns the shipped configuration with the addresses of this test, and one job more."""
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    for shipped, ours in (
        ("15s", "1s"),
        ("/etc/prometheus/rules", str(rules)),
        ("alertmanager:9093", alertmanager),
        ("exporter:9108", spiking.exporter.url.removeprefix("http://")),
    ):
        assert shipped in text
        text = text.replace(shipped, ours)
    target = quiet.exporter.url.removeprefix("http://")
    job = {"job_name": "quiet", "static_configs": [{"targets": [target]}]}
    return f"{text}  - {json.dumps(job)}\n"


@pytest.fixture
def watched(commands: Commands, tmp_path: Path) -> Iterator[Watched]:
    """Two companies in calm times, watched."""
    measures = Plan(Policy()).measures.values()
    write_rules(tmp_path / "rules", load(measures, shipped_source()), OPTIONS)
    routes = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
    with ExitStack() as stack:
        alertmanager = stack.enter_context(required(AlertmanagerServer(routes, Generation.NEWEST)))
        spiking, quiet = company(commands, "spiking"), company(commands, "quiet")
        config = configured(tmp_path / "rules", spiking, quiet, alertmanager.address)
        prometheus = stack.enter_context(required(PrometheusServer(config, Generation.NEWEST)))
        yield Watched(spiking, quiet, prometheus, alertmanager)


def test_a_churn_spike_is_told_and_taken_back(watched: Watched) -> None:
    """A burst of ended subscriptions makes the churn alert pending, then firing, and it reaches
    Alertmanager with its labels, texts and receiver; a company beside it that loses nobody sets no
    target alert off; and once the burst is retracted as a mistake, the alert ends."""
    watched.wait_for_evaluations("tidemark")
    watched.wait_for_evaluations("quiet")
    assert watched.states("tidemark", ".+OffTarget") == set()

    watched.spiking.tell(ends(number) for number in range(LOST))
    wait_for(lambda: watched.told("tidemark", CHURN), lambda: f"{CHURN} in Alertmanager")
    assert watched.states("tidemark", CHURN) == {"pending", "firing"}
    (alert,) = watched.told("tidemark", CHURN)
    labels = {"severity": "warning", "family": "customers", "kpi": "customer_churn_ratio"}
    series = {"variant": "cohort", "window": "30d", "job": "tidemark", "alertname": CHURN}
    assert alert["labels"] == labels | series
    texts = alert["annotations"]
    assert texts["summary"] == "Customer churn is off target"
    assert "Customer churn (30 days, variant cohort) is 20% (8 of 40)" in texts["description"]
    assert texts["runbook_url"].startswith(f"{OPTIONS.runbooks}/KpiOffTarget.md")
    assert texts["dashboard_url"].startswith(f"{OPTIONS.grafana}/d/tidemark-")
    assert [receiver["name"] for receiver in alert["receivers"]] == ["team"]

    watched.wait_for_evaluations("quiet")
    assert watched.states("quiet", ".+OffTarget") == set()
    assert watched.told("quiet", CHURN) == []

    watched.spiking.tell(taken_back(number) for number in range(LOST))
    wait_for(lambda: not watched.is_firing("tidemark", CHURN), lambda: f"the end of {CHURN}")
    wait_for(lambda: not watched.told("tidemark", CHURN), lambda: f"{CHURN} out of Alertmanager")
