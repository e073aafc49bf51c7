"""VictoriaMetrics: every sample imported and seen, an overlap or a short retention told."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest

from exporters.history.destinations import VictoriaDestination, victoria_destination
from exporters.history.error import HistoryError
from exporters.history.manifest import Manifest
from exporters.history.target import LabelOptions
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import WINDOW_S, TimeRange
from exporters.history.victoria import REQUEST_BYTES, VictoriaMetrics
from exporters.series import MetricFamily
from streams.clock import now_ms
from tests.exporters.history.figures import NONE, family
from tests.servers import VictoriaServer
from tests.servers.required import required

pytestmark = pytest.mark.broker

RANGE = TimeRange(1_000 * WINDOW_S - 36_000, 1_000 * WINDOW_S + 36_000, 3_600)
"""Twenty hours of August 2025 over a border of windows."""

OURS = TargetLabels.of({})

DIGITS = 1e-11
"""VictoriaMetrics keeps twelve digits of a number, and drops those behind them."""


@pytest.fixture(scope="module")
def server() -> Iterator[VictoriaServer]:
    """A server for the tests of this module, each with labels of its own."""
    with required(VictoriaServer()) as started:
        yield started


def destination(server: VictoriaServer, target_labels: TargetLabels) -> VictoriaDestination:
    """Returns the server as a destination."""
    options = LabelOptions(dict(target_labels.labels), insisted=True)
    return victoria_destination(VictoriaMetrics(server.url), options, now_ms() // 1_000)


def rows(window: TimeRange, scale: float) -> list[MetricFamily]:
    """Returns two families for a window: one without gaps, one with."""
    times = window.times()
    whole = (times / scale).tolist()
    gaps = [value if number % 3 else NONE for number, value in enumerate(whole)]
    return [family("cs_a", ({"w": "1"}, whole), ({"w": "2"}, gaps)), family("cs_b", ({}, gaps))]


def fill(server: VictoriaServer, target_labels: TargetLabels, scale: float) -> None:
    """Fills the range and waits until all is seen."""
    place = destination(server, target_labels)
    assert place.free(RANGE, open_ended=False) == RANGE
    for window in RANGE.windows():
        values = rows(window, scale)
        columns = window.readings()[1]
        assert len(columns) == len(values[0].series[0].values)
        place.take(window, values)
    account = Manifest("0", "1h", RANGE, target_labels, {}, [], 0, {}, list(place.filled()))
    said = place.finish(account)
    assert "shows every sample" in said
    assert "nothing has been scraped since" in said


def exported(
    server: VictoriaServer, target_labels: TargetLabels
) -> dict[tuple[str, str], dict[int, float]]:
    """Returns all samples: by name and label, by time in seconds."""
    query = urllib.parse.urlencode({"match[]": target_labels.selector})
    with urllib.request.urlopen(f"{server.url}/api/v1/export?{query}", timeout=30) as answer:
        lines = [json.loads(line) for line in answer.read().splitlines()]
    found: dict[tuple[str, str], dict[int, float]] = {}
    for line in lines:
        key = line["metric"]["__name__"], line["metric"].get("w", "")
        times = [time_ms // 1_000 for time_ms in line["timestamps"]]
        found.setdefault(key, {}).update(zip(times, line["values"], strict=True))
    return found


def test_every_sample_arrives(server: VictoriaServer) -> None:
    """The samples are those that were sent, times exactly and values to twelve digits."""
    target_labels = TargetLabels.of({"job": "arrives"})
    fill(server, target_labels, scale=7)
    found = exported(server, target_labels)
    wanted: dict[tuple[str, str], dict[int, float]] = {}
    for window in RANGE.windows():
        for each in rows(window, 7):
            for series in each.series:
                key = series.name, dict(series.labels).get("w", "")
                times = window.times()[np.isfinite(series.values)].tolist()
                values = series.values[np.isfinite(series.values)].tolist()
                wanted.setdefault(key, {}).update(zip(times, values, strict=True))
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in wanted.items()}
    for key, values_at in wanted.items():
        assert found[key] == pytest.approx(values_at, rel=DIGITS)


def test_an_overlap_is_refused(server: VictoriaServer) -> None:
    """Filling a range again, or a part of it, is refused with the way to delete what is there:
    both copies would be kept. Other labels, or another time, are no overlap."""
    target_labels = TargetLabels.of({"job": "overlap"})
    fill(server, target_labels, scale=1)
    again = destination(server, target_labels)
    with pytest.raises(HistoryError, match=r"(?s)already; delete.*admin/tsdb/delete_series"):
        again.free(RANGE, open_ended=False)
    with pytest.raises(HistoryError, match="already"):
        again.free(TimeRange(RANGE.last_s, RANGE.last_s + 36_000, 3_600), open_ended=False)
    again.free(TimeRange(RANGE.last_s + 3_600, RANGE.last_s + 36_000, 3_600), open_ended=False)
    others = destination(server, TargetLabels.of({"job": "overlaps"}))
    assert others.free(RANGE, open_ended=False) == RANGE


def test_requests_are_bounded(server: VictoriaServer) -> None:
    """More than fits a request goes in several, and all of it arrives."""
    target_labels = TargetLabels.of({"job": "large"})
    victoria = VictoriaMetrics(server.url)
    window = next(TimeRange(900 * WINDOW_S, 901 * WINDOW_S - 60, 900).windows())
    count = len(window.times())
    many = family("cs_a", *(({"w": str(n)}, [n + 0.123456] * count) for n in range(120)))
    assert 120 * count * 24 > REQUEST_BYTES
    series, samples = victoria.take(target_labels, window, [many])
    assert (series, samples) == (120, 120 * count)
    victoria.check_shown(target_labels, window, samples)


def test_a_doubled_series_is_refused(server: VictoriaServer) -> None:
    """The same series twice in a window is an error, not two samples."""
    victoria, labels = VictoriaMetrics(server.url), TargetLabels.of({"job": "double"})
    window = next(RANGE.windows())
    row = [1.0] * len(window.times())
    with pytest.raises(HistoryError, match="comes twice"):
        victoria.take(labels, window, [family("cs_a", ({}, row), ({}, row))])


def test_a_short_retention_is_told() -> None:
    """Samples that the server drops for being too old are missed, and the reason is named."""
    with required(VictoriaServer(retention="1")) as short:
        victoria = VictoriaMetrics(short.url)
        window = next(RANGE.windows())
        _, samples = victoria.take(OURS, window, rows(window, 1))
        with pytest.raises(HistoryError, match=r"shows 0 samples .* is its retention shorter"):
            victoria.check_shown(OURS, window, samples, seen_s=0.5)


def test_nobody_there() -> None:
    """An address where nobody answers, or that is none, is named."""
    with pytest.raises(HistoryError, match=r"http://127.0.0.1:9 cannot be asked"):
        VictoriaMetrics("http://127.0.0.1:9/").holds(OURS, RANGE)
    with pytest.raises(HistoryError, match="is no http:// or https:// address"):
        VictoriaMetrics("127.0.0.1:8428")
