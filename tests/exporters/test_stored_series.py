"""What servers store of one company's figures: the same series, whichever generation of a server,
format of a scrape, or way of the history."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import pytest

from exporters.history.blocks import BlockMaker, Promtool
from exporters.history.data_folder import DataFolder
from exporters.history.folder_reader import FolderReader
from exporters.history.servers import MetricsServer, RunningPrometheus
from exporters.history.target import LIVE
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import WINDOW_S, TimeRange
from exporters.history.victoria import VictoriaMetrics
from exporters.series import MetricFamily, metric_families
from streams.clock import now_ms
from tests.end_to_end.patience import wait_for
from tests.exporters import company
from tests.exporters.history.test_data_folder import exporting
from tests.servers import Generation, PrometheusServer, VictoriaServer, promtool_path
from tests.servers.required import available, required

pytestmark = pytest.mark.broker

Stored = dict[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values by name and labels but for those of the target."""

PAST = TimeRange(1_000 * WINDOW_S, 1_000 * WINDOW_S, 3_600)
"""A time in August 2025: what the history is written at."""

PACKAGED, NEWEST = Generation

PLAIN = "scrape_protocols: [PrometheusText0.0.4]"

SCRAPES: Mapping[Generation, Mapping[str, str]] = {
    PACKAGED: {"negotiated": ""},
    NEWEST: {
        "negotiated": "",
        "openmetrics-2": "scrape_protocols: [OpenMetricsText2.0.0]",
        "plain-1": "scrape_protocols: [PrometheusText1.0.0]",
        "plain": PLAIN,
        "native": "convert_classic_histograms_to_nhcb: true",
        "plain-native": f"convert_classic_histograms_to_nhcb: true, {PLAIN}",
    },
}
"""How Prometheus scrapes, by the name of the job. The packaged one cannot be told."""

VICTORIA_SCRAPES = {
    "plain": "",
    "openmetrics": 'headers: ["Accept: application/openmetrics-text;version=1.0.0"]',
}


def families() -> list[MetricFamily]:
    """The figures of the company: what is scraped, and written as history."""
    reading = company.live(company.board(1)).take()
    assert reading.figures is not None
    return list(metric_families(reading.catalogue, reading.figures))


def figures() -> Stored:
    """The series that there have to be."""
    found = {
        (series.name, tuple(sorted(series.labels))): float(series.values[0])
        for family in families()
        for series in family.series
        if isfinite(series.values[0])
    }
    assert {"cs_tasks_overdue", "cs_reply_seconds_distribution_bucket"} <= {n for n, _ in found}
    return found


def key(labels: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Name and labels of a series, without those of the target."""
    own = {k: v for k, v in labels.items() if k not in ("__name__", "job", "instance")}
    return labels["__name__"], tuple(sorted(own.items()))


def config(target: str, jobs: Mapping[str, str]) -> str:
    """What a server is told to scrape."""
    where = f'scrape_interval: 2s, scrape_timeout: 2s, static_configs: [{{targets: ["{target}"]}}]'
    lines = [f"- {{job_name: {job}, {where}, {how}}}" for job, how in jobs.items()]
    return "\n".join(["scrape_configs:", *lines, ""])


def place(data: Path, generation: Generation) -> None:
    """Places the figures as history, made by one generation's promtool, under a job of its name."""
    with available():
        promtool = Promtool(promtool_path(generation))
    target = TargetLabels.of({"job": generation})
    with (
        DataFolder(data) as folder,
        BlockMaker(promtool, target, folder.staging, folder.staging, keep=False) as maker,
    ):
        maker.make(PAST, families())
        assert maker.filled()
        folder.place(maker.made())
    with DataFolder(data) as folder:
        assert FolderReader(folder, promtool).holds(target, PAST)


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """The exporter of the company."""
    with exporting() as address:
        yield address


@contextmanager
def scraping(target: str, generation: Generation) -> Iterator[PrometheusServer]:
    """A Prometheus with history of both promtools, that has scraped in every way."""
    jobs = SCRAPES[generation]
    with required(PrometheusServer(config(target, jobs), generation)) as server:
        server.stop()
        place(server.data_dir, PACKAGED)
        place(server.data_dir, NEWEST)
        server.start()
        wait_for(
            lambda: len(server.query("count by (job) (last_over_time(cs_mrr[1h]))")) == len(jobs),
            lambda: f"a scrape of each job: {server.query('up')}",
        )
        yield server


@pytest.mark.parametrize("generation", Generation)
def test_prometheus(target: str, generation: Generation) -> None:
    """Prometheus stores the same series with the same values from each format that it negotiates,
    turning histograms into native ones or not; and reads the same from blocks of either promtool,
    which it counts as a backfill does."""
    wanted = figures()
    with scraping(target, generation) as server:
        for job in SCRAPES[generation]:
            found = server.query(f'last_over_time({{__name__=~"cs_.+", job="{job}"}}[1h])')
            assert {key(s["metric"]): float(s["value"][1]) for s in found} == wanted, job
        for promtool in Generation:
            labels = TargetLabels.of({"job": promtool})
            found = server.query(labels.selector, PAST.last_s)
            assert {key(s["metric"]): float(s["value"][1]) for s in found} == wanted, promtool
            asked = RunningPrometheus(server.url)
            assert (asked.holds(labels, PAST), asked.samples(labels, PAST)) == (True, len(wanted))
            assert asked.retention() == "10y"
        check_asked(asked, target, set(SCRAPES[generation]), NEWEST)


def check_asked(server: MetricsServer, target: str, scraped: set[str], filled: str) -> None:
    """Fails unless a server tells which targets were scraped, with their labels and no others, and
    where history and scrapes of figures begin."""
    now_s = now_ms() // 1_000
    seen = server.targets(now_s)
    assert {dict(labels)["job"] for labels in seen} == scraped
    assert {tuple(dict(labels)) for labels in seen} == {("instance", "job")}
    assert {dict(labels)["instance"] for labels in seen} == {target}
    job = min(scraped)
    live = TargetLabels((("job", job),))
    begun_s = server.first_s(server.few(live), PAST.first_s, now_s)
    assert begun_s is not None
    assert now_s - 600 < begun_s <= now_s
    history = TargetLabels((("job", filled),))
    assert server.first_s(server.few(history), PAST.first_s - 86_400, now_s) == PAST.first_s
    assert server.first_s(server.few(history), PAST.first_s + 1, now_s) is None
    assert server.few(TargetLabels((("job", "nobody"),))) == ""
    names = {each["__name__"] for each in server.series(server.few(history))}
    assert 1 < len(names) <= 8
    assert LIVE not in names


def exported(server: VictoriaServer, job: str) -> Stored:
    """The last value of each series of a job in VictoriaMetrics."""
    query = urllib.parse.urlencode({"match[]": f'{{__name__=~"cs_.+",job="{job}"}}'})
    with urllib.request.urlopen(f"{server.url}/api/v1/export?{query}", timeout=30) as answer:
        lines = [json.loads(line) for line in answer]
    return {key(line["metric"]): float(line["values"][-1]) for line in lines}


@pytest.mark.parametrize("generation", Generation)
def test_victoriametrics(target: str, generation: Generation) -> None:
    """VictoriaMetrics stores them as well, scraped in either format and imported."""
    wanted = figures()
    scrapes = config(target, VICTORIA_SCRAPES)
    with required(VictoriaServer(scrapes=scrapes, generation=generation)) as server:
        victoria, labels = VictoriaMetrics(server.url), TargetLabels.of({"job": "imported"})
        _, samples = victoria.take(labels, PAST, families())
        victoria.check_shown(labels, PAST, samples)
        jobs = [*VICTORIA_SCRAPES, "imported"]
        wait_for(
            lambda: all(len(exported(server, job)) >= len(wanted) for job in jobs),
            lambda: f"a scrape of each job: {[len(exported(server, job)) for job in jobs]} series",
        )
        for job in jobs:
            found = exported(server, job)
            assert found.keys() == wanted.keys(), job
            assert found == pytest.approx(wanted, rel=1e-11), job
        check_asked(victoria, target, set(VICTORIA_SCRAPES), "imported")
