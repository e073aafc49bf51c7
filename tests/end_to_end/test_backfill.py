"""Backfill: what Prometheus would have scraped, and what it does scrape, are the same samples."""

import json
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from aggregates.time.tile import TILES_A_DAY, edge_at
from events import parse_instant
from tests.end_to_end.commands import Commands
from tests.end_to_end.figures import Figures, Oracle, difference, kpis_of, like
from tests.end_to_end.installation import Installation
from tests.end_to_end.scraped import (
    JOB,
    Scraped,
    backfilled,
    delete,
    events_of,
    scrape,
)
from tests.servers import Generation, PrometheusServer, VictoriaServer
from tests.servers.required import required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

FROM, TO = "2025-01-16T00:00:00Z", "2025-03-02T00:00:00Z"
"""Long ago on any machine, over borders of months and of blocks."""

QUIET = "global: {scrape_interval: 1h}"
"""A Prometheus that scrapes nothing."""

DEFAULT = f'instance="127.0.0.1:9108",job="{JOB}"'
"""Matchers of the labels that a backfill gives by default."""

_HOUR = 4
"""Tiles."""


def edges() -> list[int]:
    """The edges to compare: days from the very beginning, then hours across the last midnights."""
    first, last = edge_at(parse_instant(FROM)), edge_at(parse_instant(TO))
    days = range(first, first + 12 * TILES_A_DAY, TILES_A_DAY)
    return [*days, *range(last - 30 * _HOUR, last + 1, _HOUR)]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of a simulated company that tell nothing of what was shown before them."""
    folder = tmp_path_factory.mktemp("log")
    path = folder / "told.ndjson"
    size = ("--accounts", "40", "--days", "45", "--seed", "11", "--until", TO)
    Commands(folder).output_of("simulate", *size, "--out", path)
    lines = [event.line for event in events_of(path) if event.in_time]
    path.write_bytes(b"\n".join([*lines, b""]))
    return path


@pytest.fixture(scope="module")
def scraped(log: Path) -> Scraped:
    """What a Prometheus scraped while the company's events came in."""
    return scrape(events_of(log), edges())


def fill(commands: Commands, source: str | Path, scraped: Scraped, *more: str | Path) -> str:
    """Backfills a source's hours under the labels of the scraped exporter."""
    span = ("--from", FROM, "--to", TO, "--every", "1h")
    identity = ("--job", JOB, "--instance", scraped.instance)
    return commands.output_of("backfill", source, *span, *identity, *more)


def check_equal(scraped: Scraped, found: dict[int, Figures], wanted: Sequence[int]) -> None:
    """Fails unless both have the same series with the same values at every edge."""
    assert sorted(scraped.by_edge) == list(wanted)
    for edge in wanted:
        assert found[edge], f"nothing was filled at {edge}"
        assert difference(scraped.by_edge[edge], found[edge]) == "", f"at {edge}"


def kinds(figures: Figures) -> set[str]:
    """The sorts of series there are."""
    marks = ("_numerator", "_denominator", "_bucket", "_gcount", "_gsum", "cs_by_segment_")
    return {mark for mark in marks if any(mark in name for name, _ in figures)}


def identity(scraped: Scraped) -> str:
    """Matchers of the scraped exporter's series."""
    return f'instance="{scraped.instance}",job="{JOB}"'


def test_a_file_fills_a_stopped_prometheus(commands: Commands, log: Path, scraped: Scraped) -> None:
    """Every series that was scraped live is in the history made from the log, with the same labels
    and values at every edge, and no other; segments, parts of ratios and histograms included."""
    with required(PrometheusServer(QUIET)) as second:
        second.stop()
        fill(commands, log, scraped, "--prometheus-data", second.data_dir)
        second.start()
        found = backfilled(second, identity(scraped), edges())
    check_equal(scraped, found, edges())
    assert len(kinds(found[edges()[-1]])) == 6
    assert len(found[edges()[0]]) < len(found[edges()[-1]]), "series came to be meanwhile"


def test_the_week_before_is_what_had_been_scraped_then(scraped: Scraped) -> None:
    """Of events told in time, what is shown of a week ago is what was shown a week ago."""
    compared = 0
    for edge, before in scraped.week_ago.items():
        then = scraped.by_edge.get(edge - 7 * TILES_A_DAY)
        if then is not None:
            assert before, f"nothing is shown of the week before {edge}"
            assert difference(before, like(before, then)) == "", f"at {edge}"
            compared += 1
    assert compared == 5


def test_kafka_fills_a_running_prometheus(
    installation: Installation, log: Path, scraped: Scraped
) -> None:
    """The same from the topics, read in whatever order they come, into a server that runs, of
    another generation than the promtool that makes the blocks: it says when it shows every
    sample."""
    installation.publish(log)
    source = f"kafka://{installation.kafka.bootstrap}"
    with required(PrometheusServer(QUIET, Generation.NEWEST)) as second:
        where = ("--prometheus-data", second.data_dir, "--prometheus-url", second.url)
        said = fill(installation.commands, source, scraped, *where)
        assert "shows every sample" in said
        found = backfilled(second, identity(scraped), edges())
    check_equal(scraped, found, edges())


def test_victoriametrics_is_filled_alike(commands: Commands, log: Path, scraped: Scraped) -> None:
    """The same over HTTP into VictoriaMetrics, which keeps twelve digits of a value."""
    with required(VictoriaServer(generation=Generation.NEWEST)) as second:
        said = fill(commands, log, scraped, "--victoriametrics", second.url)
        assert "shows every sample" in said
        found = exported(second, identity(scraped))
    for edge in edges():
        assert found[edge].keys() == scraped.by_edge[edge].keys(), f"at {edge}"
        assert found[edge] == pytest.approx(scraped.by_edge[edge], rel=1e-11), f"at {edge}"


def test_a_late_event_is_a_new_history(commands: Commands, log: Path, tmp_path: Path) -> None:
    """After a correction the range is refused, until it is deleted; filled again it says what a
    replay says, and what lies before the correction is as it was."""
    late = tmp_path / "late.ndjson"
    events = [json.loads(line) for line in log.read_bytes().splitlines()]
    first, *_ = [event for event in events if event["type"] == "ticket.created"]
    retraction = {
        **first,
        "id": "late-1",
        "type": "event.retracted",
        "time": TO,
        "data": {"account_id": first["data"]["account_id"], "retracts": first["id"]},
    }
    at = edge_at(parse_instant(first["time"])) // TILES_A_DAY * TILES_A_DAY
    before, after = at - TILES_A_DAY, at + 2 * TILES_A_DAY
    days = ("--from", FROM, "--to", TO, "--every", "1d")
    with required(PrometheusServer(QUIET)) as server:
        where = ("--prometheus-data", server.data_dir, "--prometheus-url", server.url)
        commands.output_of("backfill", log, *days, *where)
        first_fill = backfilled(server, DEFAULT, [before, after])
        late.write_bytes(log.read_bytes() + json.dumps(retraction).encode() + b"\n")
        refusal = commands.run("backfill", late, *days, *where)
        assert refusal.returncode == 1
        delete(refusal.stderr)
        commands.output_of("backfill", late, *days, *where)
        second_fill = backfilled(server, DEFAULT, [before, after])
    assert second_fill[before] == first_fill[before]
    assert second_fill[after] != first_fill[after]
    labels = {("instance", "127.0.0.1:9108"), ("job", JOB)}
    for edge, figures in second_fill.items():
        bare = {(n, tuple(sorted(set(own) - labels))): v for (n, own), v in figures.items()}
        assert difference(kpis_of(bare), Oracle(commands, late).at(edge)) == ""


def exported(server: VictoriaServer, matchers: str) -> dict[int, Figures]:
    """Returns every KPI sample of a VictoriaMetrics, by tile edge."""
    query = urllib.parse.urlencode({"match[]": f'{{__name__=~"cs_.+",{matchers}}}'})
    found: dict[int, Figures] = {}
    with urllib.request.urlopen(f"{server.url}/api/v1/export?{query}", timeout=60) as answer:
        for line in map(json.loads, answer):
            labels = line["metric"]
            name = labels.pop("__name__")
            for time_ms, value in zip(line["timestamps"], line["values"], strict=True):
                figures = found.setdefault(edge_at(time_ms), {})
                figures[name, tuple(sorted(labels.items()))] = value
    return found
