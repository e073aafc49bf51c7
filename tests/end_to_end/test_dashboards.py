"""Dashboards against a real Prometheus that scrapes a real exporter: no empty panel."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.running import running_windows
from exporters.rules.options import SERVICE_UID as SERVICE
from tests.end_to_end.commands import Commands
from tests.end_to_end.explorer import Explorer
from tests.end_to_end.exporter import Exporter, Serving
from tests.end_to_end.installation import PARTITIONS, Installation
from tests.end_to_end.patience import wait_for
from tests.exporters.dashboards.lint import panels
from tests.exporters.dashboards.made import explorer_metrics, made, shipped
from tests.exporters.dashboards.promql import selectors, substituted
from tests.servers import Generation, PrometheusServer
from tests.servers.required import required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

Series = list[dict[str, Any]]

WHOLE = "^$"
"""What the choice All of a segment puts into queries."""

BY_SEGMENT = "cs_by_segment_"
LAST_WHOLE = "cs_last_whole_"

SPAN_S = 60.0
STEP_S = 1.0

SCRAPES_MIN = 5
"""Scrapes before panels are asked for: a rate needs two."""

KAFKA_ONLY = {
    "tidemark_audit_cells",
    "tidemark_audit_mismatch",
    "tidemark_audit_records",
    "tidemark_audit_timestamp_seconds",
    "tidemark_broker_age_seconds",
    "tidemark_restore_seconds",
}
"""Metrics of workers on Kafka; in one process nothing is restored or audited, and nobody is asked.
"""

OF_MISTAKES = {"tidemark_ignored_total", "tidemark_rejected_records_total"}
"""Metrics of records that are left out; the simulated company sends none such."""

CONFIG = """
global: {{scrape_interval: 3s, scrape_timeout: 3s}}
scrape_configs:
  - job_name: tidemark
    static_configs:
      - {{targets: ["{address}"], labels: {{instance: one}}}}
      - {{targets: ["{address}"], labels: {{instance: two}}}}
  - job_name: tidemark-explorer
    static_configs:
      - {{targets: [{explorer}]}}
"""
"""One exporter under two instances, as two exporters of one board look."""


@dataclass
class Answers:
    """What Prometheus answers to queries of panels."""

    prometheus: PrometheusServer

    def of(self, target: Mapping[str, Any], **chosen: str) -> Series:
        """Returns the answer to a query with these choices of variables."""
        values = {"job": ".+", "instance": ".+", "window": "30d", "segment": WHOLE, **chosen}
        expr = substituted(target["expr"], values)
        if target["instant"]:
            return self.prometheus.query(expr)
        now = self.one("vector(time())")
        return self.prometheus.query_range(expr, now - SPAN_S, now, STEP_S)

    def undefined(self, catalogue: Catalogue, target: Mapping[str, Any]) -> bool:
        """Whether the KPI of a query is a quotient over nothing, which has no value."""
        kpi = kpi_of(catalogue, target)
        if kpi is None:
            return False
        window = f'{{window="{main_window(kpi.windows)}"}}' if kpi.windows else ""
        found = self.prometheus.query(f"max({kpi.metric}_denominator{window})")
        return bool(found) and float(found[0]["value"][1]) == 0

    def one(self, expr: str) -> float:
        """Returns the one value of an expression, 0 if there is none."""
        found = self.prometheus.query(expr)
        return float(found[0]["value"][1]) if found else 0.0


@contextmanager
def scraped(
    exporter: Exporter,
    generation: Generation = Generation.PACKAGED,
    explorer: Explorer | None = None,
) -> Iterator[Answers]:
    """Starts a Prometheus that scrapes an exporter, and waits until it has; an explorer, too."""
    other = "" if explorer is None else f'"{_address(explorer)}"'
    config = CONFIG.format(address=_address(exporter), explorer=other)
    with required(PrometheusServer(config, generation)) as prometheus:
        answers = Answers(prometheus)
        count = "min(count_over_time(tidemark_board_complete[1m]) and on (instance) cs_mrr)"
        wait_for(lambda: answers.one(count) >= SCRAPES_MIN, lambda: "scrapes with figures")
        yield answers


def _address(serving: Serving) -> str:
    return serving.url.removeprefix("http://").rstrip("/")


def asked(dashboard: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each query of a dashboard with the title of its panel."""
    for panel in panels(made()[dashboard].model):
        for target in panel["targets"]:
            yield f"{dashboard}, {panel['title']} ({panel['type']})", target


def metrics(target: Mapping[str, Any]) -> set[str]:
    """Names the metrics of a query."""
    return {selector.metric for selector in selectors(target["expr"])}


def is_by_segment(target: Mapping[str, Any]) -> bool:
    """Whether a query asks for single segments."""
    return any(metric.startswith(BY_SEGMENT) for metric in metrics(target))


def running_window(target: Mapping[str, Any]) -> str | None:
    """Returns the window to choose for what a query asks of the last whole day or month; None for
    any other query, and for a quotient, over which there may have been nothing then.
    """
    kpi = kpi_of(shipped(), target)
    if kpi is None or kpi.variants[0].parts is not None:
        return None
    return next(iter(running_windows(kpi, shipped().measures).values()))[0]


def is_of_last_whole(target: Mapping[str, Any]) -> bool:
    """Whether a query asks for the last whole day or month."""
    return any(metric.startswith(LAST_WHOLE) for metric in metrics(target))


def kpi_of(catalogue: Catalogue, target: Mapping[str, Any]) -> Kpi | None:
    """Returns the KPI that a query asks for, if it is one."""
    names = {
        name.removeprefix(BY_SEGMENT).removeprefix(LAST_WHOLE).removeprefix("cs_")
        for name in metrics(target)
    }
    return next((catalogue[name] for name in sorted(names) if name in catalogue), None)


def test_every_panel_shows_something(commands: Commands) -> None:
    """On a simulated company every query of every panel is answered with at least one series, but
    for quotients over nothing: for all accounts while no segment is chosen, by segment alone when
    one is. Two exporters that show the same make no second series."""
    sizes = ("--accounts", "80", "--days", "400", "--seed", "5")
    service = commands.start("run", "run", *sizes, "--port", "0")
    exporter = Exporter(service)
    service.says("history is done")
    with scraped(exporter, Generation.NEWEST) as answers:
        found = answers.prometheus.query(f"count by (segment) ({BY_SEGMENT}mrr)")
        chosen = f"({'|'.join(each['metric']['segment'] for each in found)})"
        empty, whole_ones = [], 0
        for dashboard in made():
            for title, target in asked(dashboard):
                if is_of_last_whole(target):
                    if (window := running_window(target)) is not None:
                        empty += [] if answers.of(target, window=window) else [f"{title}, whole"]
                        whole_ones += 1
                    continue
                elsewhere = KAFKA_ONLY | OF_MISTAKES | explorer_metrics()
                if metrics(target) <= elsewhere or answers.undefined(shipped(), target):
                    continue
                whole, by_segment = answers.of(target), answers.of(target, segment=chosen)
                if is_by_segment(target):
                    assert not whole, f"{title}: segments although none is chosen"
                    empty += [] if by_segment else [f"{title} by segment"]
                    continue
                empty += [] if whole else [title]
                if 'segment=~"$segment"' in target["expr"]:
                    assert not by_segment, f"{title}: all accounts although a segment is chosen"
                    assert not any("instance" in each["metric"] for each in whole), title
        assert empty == []
        assert whole_ones > 10
        shown = exporter.scrape().samples["cs_mrr", (("currency", "USD"),)]
        (mrr,) = [t for title, t in asked("tidemark-saas") if "MRR (stat)" in title][:1]
        (series,) = answers.of(mrr)
        assert float(series["value"][1]) == pytest.approx(shown, rel=0.01)
    assert service.end() == 0, service.tail()


def test_each_window_is_shown_or_stood_in_for(commands: Commands, history: Path) -> None:
    """Whichever window is chosen, a KPI that has it shows it or nothing, and one that lacks it
    shows its own, which its label says."""
    service = commands.start("run", "run", "--events", history, "--port", "0")
    exporter = Exporter(service)
    service.says("events folded")
    with scraped(exporter) as answers:
        for dashboard, each in made().items():
            choices = [v for v in each.model["templating"]["list"] if v["name"] == "window"]
            for window in [option["value"] for v in choices for option in v["options"]]:
                for title, target in asked(dashboard):
                    kpi = kpi_of(shipped(), target)
                    if kpi is None or not kpi.windows or is_by_segment(target):
                        continue
                    known = kpi.windows
                    right = window if window in known else main_window(known)
                    found = answers.of(target, window=window)
                    assert {s["metric"]["window"] for s in found} <= {right}, f"{title}, {window}"
                    if window not in known:
                        own = answers.of(target, window=right)
                        assert len(found) == len(own), f"{title}, {window}"
    assert service.end() == 0, service.tail()


def test_the_service_is_shown_on_kafka(installation: Installation, history: Path) -> None:
    """With a worker and an explorer on Kafka, a record that is left out and one that is unheeded,
    and after an audit, no panel about the service is empty."""
    installation.publish(history)
    unheeded = b'{"specversion":"1.0","id":"e","source":"s","type":"somebody.elses","data":{}}'
    installation.produce([("ticket", b"a", b"no event"), ("usage", b"a", unheeded)])
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_settled()
    installation.commands.output_of("audit")
    explorer = Explorer(installation.commands.start("explorer", "explorer", "--port", "0"))
    explorer.wait_until_settled(PARTITIONS)
    with scraped(exporter, explorer=explorer) as answers:
        empty = [title for title, target in asked(SERVICE) if not answers.of(target)]
        assert empty == []
