"""``tidemark backfill`` beside an exporter that is scraped: under its labels, up to its samples."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from events import parse_instant
from exporters.history.blocks import BlockMaker, Promtool, blocks_in
from exporters.history.data_folder import DataFolder
from exporters.history.target import LIVE
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339
from streams.cli import main
from streams.clock import now_ms
from streams.simulator import simulate
from tests.end_to_end.patience import wait_for
from tests.exporters.history.figures import family
from tests.exporters.history.test_data_folder import exporting
from tests.servers import Generation, PrometheusServer
from tests.servers.required import required

pytestmark = pytest.mark.broker

FROM, TO = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"

SCRAPED = {"namespace": "prod", "pod": "exporter-7d9f", "container": "exporter", "job": "cs"}
"""Labels of the target, beside its instance, as the Prometheus operator gives them."""

Said = tuple[int, str]
Backfill = Callable[..., Said]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company's events of ninety days."""
    path = tmp_path_factory.mktemp("log") / "log.ndjson"
    path.write_bytes(b"\n".join(simulate(seed=3, accounts=5, days=90, end_ms=parse_instant(TO))))
    return path


@pytest.fixture
def backfill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], log: Path
) -> Backfill:
    """Runs a backfill of days; gives its code and what it says."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Said:
        capfd.readouterr()
        code = main(("backfill", str(log), "--every", "1d", *map(str, arguments)))
        said = capfd.readouterr()
        return code, said.err + said.out

    return run


@pytest.fixture(scope="module")
def scraping() -> Iterator[tuple[PrometheusServer, TargetLabels]]:
    """A Prometheus that scrapes an exporter, and the labels that its series have."""
    with exporting() as address:
        labels = ", ".join(f"{n}: {v}" for n, v in SCRAPED.items() if n != "job")
        config = (
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
            "scrape_configs: [{job_name: cs, static_configs: "
            f'[{{targets: ["{address}"], labels: {{{labels}}}}}]}}]'
        )
        with required(PrometheusServer(config, Generation.NEWEST)) as server:
            wait_for(lambda: bool(server.query("cs_mrr")), lambda: "a scrape")
            yield server, TargetLabels.of({**SCRAPED, "instance": address})


def test_it_continues_what_is_scraped(
    scraping: tuple[PrometheusServer, TargetLabels], backfill: Backfill, promtool: str
) -> None:
    """Without a word of labels history is of the scraped series; the hole between the two is told
    with its ends, and so is what days do not serve; and the same range again is refused, although
    it is to go under other labels."""
    server, labels = scraping
    where = ("--prometheus-data", server.data_dir, "--prometheus-url", server.url)
    begun_s = int(server.query(f"{LIVE}[1h]")[0]["values"][0][0])
    code, said = backfill("--from", FROM, "--to", TO, *where)
    assert code == 0, said
    assert f"labels: {labels}, as {server.url} scrapes them" in said
    assert f"a hole: history ends at {TO}, what follows begins at {rfc3339(begun_s)};" in said
    assert "Prometheus looks back 5 minutes" in said
    found = server.query("cs_mrr", parse_instant(TO) / 1_000)
    assert {**dict(labels.labels), "__name__": "cs_mrr", "currency": "USD"} in [
        each["metric"] for each in found
    ]
    others = ("--instance", "other:1", "--job", "cs", "--as-given")
    code, said = backfill("--from", TO, "--to", "2025-03-01T00:00:00Z", *others, *where)
    assert code == 1
    assert "already; delete them first" in said


def test_other_labels_are_refused(
    scraping: tuple[PrometheusServer, TargetLabels], backfill: Backfill, promtool: str
) -> None:
    """With the server's address or from its folder alone: both are named, nothing is placed."""
    server, labels = scraping
    folder, url = ("--prometheus-data", server.data_dir), ("--prometheus-url", server.url)
    before = blocks_in(server.data_dir)
    span = ("--from", "2024-06-01T00:00:00Z", "--to", "2024-07-01T00:00:00Z")
    for where in ((*folder, *url), folder, ("--out", "out", *url)):
        code, said = backfill(*span, "--instance", "other:1", *where)
        assert code == 1
        assert f"scrapes the exporter as {labels}, not as " in said
        assert 'instance="other:1"' in said
    assert blocks_in(server.data_dir) == before


def test_it_ends_where_scraping_began(
    backfill: Backfill, log: Path, promtool: str, tmp_path: Path
) -> None:
    """Without an end, history goes up to the first scraped sample and no further, however long ago
    that is; where nothing is missing before it, that is told."""
    begins_s = parse_instant("2025-01-20T00:00:00Z") // 1_000
    now_s = now_ms() // 1_000 // 86_400 * 86_400
    scraped = TimeRange(begins_s, now_s - 86_400, 86_400)
    (data := tmp_path / "data").mkdir()
    labels = TargetLabels.of({"instance": "a:1"})
    with (
        DataFolder(data) as folder,
        BlockMaker(Promtool(promtool), labels, folder.staging, folder.staging, keep=False) as maker,
    ):
        for window in scraped.windows():
            times = window.times().astype(np.float64).tolist()
            maker.make(window, [family(LIVE, ({}, times)), family("cs_mrr", ({}, times))])
        assert maker.filled()
        folder.place(maker.made())
    code, said = backfill("--from", FROM, "--prometheus-data", data)
    assert code == 0, said
    assert "2025-01-01T00:00:00Z to 2025-01-19T00:00:00Z every 1d" in said
    assert f"labels: {labels}" in said
    code, said = backfill("--from", "2025-01-20T00:00:00Z", "--prometheus-data", data)
    assert code == 1
    assert "is scraped from 2025-01-20T00:00:00Z on" in said
