"""``tidemark doctor --prometheus``: history that does not fit what is scraped, in a real server."""

from collections.abc import Iterator

import pytest

from exporters.history.blocks import BlockMaker, Promtool
from exporters.history.data_folder import DataFolder
from exporters.history.seam import after_history
from exporters.history.servers import RunningPrometheus
from exporters.history.target import LIVE
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339
from streams.cli.doctor_history import check_history
from streams.clock import now_ms
from streams.doctor import Finding, Verdict
from tests.exporters.history.figures import family
from tests.servers import Generation, PrometheusServer
from tests.servers.required import required

pytestmark = pytest.mark.broker

HOUR_S = 3_600
LIVE_S = now_ms() // 1_000 // 86_400 * 86_400 - 4 * 86_400
"""When scraping began, in each of the jobs."""

POD = {"pod": "a", "namespace": "n"}
FIGURES = ({"window": "30d"}, {"window": "month"})

Place = tuple[dict[str, str], int, int, int]
"""Labels, and hours from, to and between samples, counted from when scraping began."""

SCRAPES: dict[str, list[dict[str, str]]] = {
    "fits": [POD, {**POD, "pod": "b"}],
    "twice": [POD],
    "apart": [{}],
    "more": [{}],
    "hole": [{}],
    "new": [{}],
}
"""Labels of the scraped targets of each job, beside job and instance."""

HISTORY: dict[str, Place] = {
    "fits": (POD, -30, -1, 1),
    "twice": ({"instance": "other:1"}, -30, 10, 1),
    "apart": ({"instance": "other:1"}, -30, -1, 1),
    "more": ({"env": "prod"}, -30, -1, 1),
    "hole": ({}, -9 * 24, -6 * 24, 24),
}
"""Where history of a job lies."""


def place(data: DataFolder, promtool: str, labels: TargetLabels, place: Place) -> None:
    """Places figures, and what only scrapes have where they are a scrape's."""
    _, first, last, step = place
    whole = TimeRange(LIVE_S + first * HOUR_S, LIVE_S + last * HOUR_S, step * HOUR_S)
    figures = data.staging
    with BlockMaker(Promtool(promtool), labels, figures, figures, keep=False) as maker:
        for window in whole.windows():
            row = [1.0] * len(window.times())
            families = [
                family("cs_a", *((each, row) for each in FIGURES)),
                family("cs_b", ({}, row)),
            ]
            if first >= 0:
                families.append(family(LIVE, ({}, row)))
            maker.make(window, families)
        assert maker.filled()
        data.place(maker.made())


@pytest.fixture(scope="module")
def server() -> Iterator[PrometheusServer]:
    """A Prometheus with several installations, each a job; all were scraped for two days."""
    with required(PrometheusServer("scrape_configs: []", Generation.NEWEST)) as started:
        started.stop()
        promtool = Generation.NEWEST.program("promtool", "prometheus")
        for job, targets in SCRAPES.items():
            for own in targets:
                with DataFolder(started.data_dir) as data:
                    place(data, promtool, TargetLabels.of({**own, "job": job}), ({}, 0, 48, 1))
        for job, history in HISTORY.items():
            with DataFolder(started.data_dir) as data:
                place(data, promtool, TargetLabels.of({**history[0], "job": job}), history)
        started.start()
        yield started


def found(server: PrometheusServer, job: str) -> dict[str, Finding]:
    """What the doctor says of a job, by the name of the check."""
    return {each.name: each for each in check_history(server.url, job, now_ms() // 1_000)}


def at(hours: int) -> str:
    """A time, counted in hours from when scraping began."""
    return rfc3339(LIVE_S + hours * HOUR_S)


def test_history_that_fits_is_well(server: PrometheusServer) -> None:
    """Of replicas, history has the labels of one; both ends of the seam are told."""
    said = found(server, "fits")
    assert {name: each.verdict for name, each in said.items()} == {"history": Verdict.OK}
    assert said["history"].what == f"ends at {at(-1)}; scraped from {at(0)} on"


def test_no_history_is_well(server: PrometheusServer) -> None:
    """Nobody has to have one; nor is anything said of a job that there is not."""
    said = found(server, "new")["history"]
    assert (said.verdict, f"none before {at(0)}" in said.what) == (Verdict.OK, True)
    assert found(server, "nobody") == {}


def test_a_hole_is_named_with_its_ends(server: PrometheusServer) -> None:
    """And with the command that fills it."""
    said = found(server, "hole")["history"]
    assert said.verdict is Verdict.WARN
    assert f"history ends at {at(-6 * 24)}, the first scraped sample is of {at(0)}" in said.what
    assert f"--to {rfc3339(LIVE_S - 1)}" in said.mend


@pytest.mark.parametrize(
    ("job", "ends", "said"), [("fits", -1, "no hole between them"), ("hole", -6 * 24, "a hole: ")]
)
def test_a_backfill_says_the_same(server: PrometheusServer, job: str, ends: int, said: str) -> None:
    """Of what it has just filled: whether what follows leaves a hole, and both of its ends."""
    filled = TimeRange(LIVE_S + (ends - 24) * HOUR_S, LIVE_S + ends * HOUR_S, HOUR_S)
    scope = TargetLabels((("job", job),))
    told = after_history(RunningPrometheus(server.url), scope, filled, now_ms() // 1_000)
    assert said in told
    assert f"history ends at {at(ends)}, what follows begins at {at(0)}" in told


def test_figures_that_are_there_twice_are_named(server: PrometheusServer) -> None:
    """With the labels of both, and from when to when; the command deletes history alone."""
    said = found(server, "twice")["history labels"]
    assert said.verdict is Verdict.FAIL
    assert f"every figure twice from {at(0)} to {at(10)}" in said.what
    assert 'history has {instance="other:1",job="twice"}' in said.what
    assert 'pod="a"' in said.what
    selector = said.mend.split("match[]=")[1].split("'")[0]
    assert {each["metric"]["instance"] for each in server.query(selector, LIVE_S)} == {"other:1"}
    assert 'pod=""' in selector


@pytest.mark.parametrize(
    ("job", "labels"),
    [
        ("apart", '{instance="other:1",job="apart"}'),
        ("more", '{env="prod",instance="127.0.0.1:9108",job="more"}'),
    ],
)
def test_labels_of_nobody_are_told(server: PrometheusServer, job: str, labels: str) -> None:
    """History under labels that no scrape has had, or with one more, is a series of its own, even
    if it ends in time."""
    said = found(server, job)["history labels"]
    assert said.verdict is Verdict.WARN
    assert f"history has {labels}" in said.what
