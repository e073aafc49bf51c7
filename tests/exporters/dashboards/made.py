"""Dashboards of the shipped catalogue, of user's files, and the metrics that they may ask for."""

from functools import cache

from prometheus_client import PROCESS_COLLECTOR

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.catalogue.running import running_windows
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.collector import LiveCollector
from exporters.dashboards import Dashboard, dashboards
from exporters.explorer_metrics import ExplorerMetrics, Following
from exporters.http import Traffic
from tests.exporters import company


def catalogue_of(*texts: str) -> Catalogue:
    """Returns the shipped catalogue with a user's files."""
    plan = Plan(Policy())
    users = [Source(f"{number}.toml", text) for number, text in enumerate(texts)]
    return load(plan.measures.values(), shipped_source(), *users)


@cache
def shipped() -> Catalogue:
    """Returns the shipped catalogue."""
    return catalogue_of()


@cache
def made(*texts: str) -> dict[str, Dashboard]:
    """Returns the dashboards with a user's files, by uid."""
    return by_uid(dashboards(catalogue_of(*texts), Policy()))


def made_under(policy: Policy) -> dict[str, Dashboard]:
    """Returns the dashboards under other policies, by uid."""
    return by_uid(dashboards(shipped(), policy))


def by_uid(found: list[Dashboard]) -> dict[str, Dashboard]:
    """Returns dashboards by their uid."""
    return {dashboard.uid: dashboard for dashboard in found}


def service_metrics() -> set[str]:
    """Names the metrics that the service has about itself, as Prometheus stores them."""
    collector = LiveCollector(company.live(company.board(1)), version="0")
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in (*collector.collect(), *Traffic().collect())
        if family.name.startswith("tidemark_")
    }


def explorer_metrics() -> set[str]:
    """Names the metrics that an explorer has about itself."""
    metrics = ExplorerMetrics(lambda: Following({}, {}, {}, None), {"version": "0"})
    return {family.name for family in metrics.families(company.live(company.board(1)).take())}


def metrics(catalogue: Catalogue) -> set[str]:
    """Names every metric that an exporter of a catalogue may show, or an explorer."""
    process = {sample.name for family in PROCESS_COLLECTOR.collect() for sample in family.samples}
    figures = {
        name
        for kpi in catalogue
        for name in (
            kpi.metric,
            f"{kpi.metric}_numerator",
            f"{kpi.metric}_denominator",
            f"cs_by_segment_{kpi.id}",
            *([f"cs_last_whole_{kpi.id}"] if running_windows(kpi, catalogue.measures) else ()),
        )
    }
    return figures | process | service_metrics() | explorer_metrics()
