"""The file for promtool: nothing in it that promtool would drop without a word."""

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics

from exporters.history.blocks import Promtool, blocks_in
from exporters.history.error import HistoryError
from exporters.history.openmetrics import OpenMetricsWriter, Written
from exporters.history.target_labels import TargetLabels
from exporters.series import MetricFamily
from tests.exporters.history.figures import NONE, family

parse: Callable[[str], Iterable[Metric]] = openmetrics.text_string_to_metric_families

IDENTITY = TargetLabels.of({"job": "j", "instance": "h:1"})
TIMES = (1_700_000_000, 1_700_003_600, 1_700_007_200)


def written(families: Sequence[MetricFamily], times: Sequence[int] = TIMES) -> tuple[str, Written]:
    """Writes families; gives the text and the account of it."""
    file = io.BytesIO()
    columns = np.arange(len(times), dtype=np.intp)
    writer = OpenMetricsWriter(file, IDENTITY, np.array(times, dtype=np.int64), columns)
    writer.write(families)
    account = writer.close()
    return file.getvalue().decode(), account


def test_text() -> None:
    """A series' samples follow one another in order of time, values to the last digit, labels of
    the target among its own; a time without a value has no line."""
    text, account = written([family("cs_a", ({"w": 'x"\\\n'}, [0.1 + 0.2, NONE, 3]))])
    assert text == (
        "# TYPE cs_a gauge\n"
        '# HELP cs_a What \\"cs_a\\" counts.\n'
        'cs_a{instance="h:1",job="j",w="x\\"\\\\\\n"} 0.30000000000000004 1700000000\n'
        'cs_a{instance="h:1",job="j",w="x\\"\\\\\\n"} 3.0 1700007200\n'
        "# EOF\n"
    )
    assert (account.series, account.samples) == (1, 2)


def test_the_sign_of_nothing() -> None:
    """A negative zero is written as one, as a scrape shows it."""
    text, _ = written([family("cs_a", ({}, [0.0, -0.0, 0.0]))])
    assert [line.split(" ")[-2] for line in text.splitlines()[2:-1]] == ["0.0", "-0.0", "0.0"]


def test_nothing_to_write() -> None:
    """Without a value there is neither a sample nor a head of a family, only the end."""
    assert written([family("cs_a", ({}, [NONE] * 3))])[0] == "# EOF\n"


def test_digest() -> None:
    """The same samples have the same digest, others another."""
    one, same = (written([family("cs_a", ({}, [1, 2, 3]))])[1].sha256 for _ in range(2))
    assert one == same
    assert one != written([family("cs_a", ({}, [1, 2, 4]))])[1].sha256


def test_a_repeated_reading() -> None:
    """Several times may carry one reading."""
    file = io.BytesIO()
    times, columns = np.array([0, 60, 120]), np.array([0, 1, 1])
    writer = OpenMetricsWriter(file, IDENTITY, times, columns)
    writer.write([family("cs_a", ({}, [1, 2]))])
    assert writer.close().samples == 3
    lines = [line.rsplit(" ", 2)[1:] for line in file.getvalue().decode().splitlines()[2:-1]]
    assert lines == [["1.0", "0"], ["2.0", "60"], ["2.0", "120"]]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((1_700_000_000, 1_700_003_600, 1_700_003_600), "unsorted or doubled"),
        ((1_700_003_600, 1_700_000_000, 1_700_007_200), "unsorted or doubled"),
        ((1_700_000_000_000, 1_700_003_600_000, 1_700_007_200_000), "no seconds of the epoch"),
        ((1_700_000_000,) * 1, "1 times for 3 values"),
    ],
)
def test_wrong_times_are_refused(times: tuple[int, ...], said: str) -> None:
    """promtool would drop unsorted and doubled samples, and take milliseconds for seconds."""
    with pytest.raises(HistoryError, match=said):
        OpenMetricsWriter(io.BytesIO(), IDENTITY, np.array(times), np.arange(3))


def test_a_doubled_series_is_refused() -> None:
    """The same series twice would have two samples at each time, of which one is dropped."""
    twice = family("cs_a", ({"w": "1"}, [1, 2, 3]), ({"w": "1"}, [4, 5, 6]))
    with pytest.raises(HistoryError, match=r'series cs_a\{.*w="1"\} comes twice'):
        written([twice])


def test_a_doubled_family_is_refused() -> None:
    """A family is written once a file, so that all its series are together."""
    one, other = family("cs_a", ({"w": "1"}, [1, 2, 3])), family("cs_a", ({"w": "2"}, [1, 2, 3]))
    with pytest.raises(HistoryError, match="family cs_a comes twice"):
        written([one, other])


def test_another_reader_agrees() -> None:
    """The text is OpenMetrics to another parser, too."""
    text, _ = written([family("cs_a", ({"w": "1"}, [1, 2, 3])), family("cs_b", ({}, [4, NONE, 6]))])
    read = [
        (sample.name, sample.labels.get("w"), sample.value, float(str(sample.timestamp)))
        for each in parse(text)
        for sample in each.samples
    ]
    a = [("cs_a", "1", value, float(at)) for value, at in zip((1, 2, 3), TIMES, strict=True)]
    assert read == [*a, ("cs_b", None, 4, float(TIMES[0])), ("cs_b", None, 6, float(TIMES[2]))]


def test_promtool_stores_every_sample(promtool: str, tmp_path: Path) -> None:
    """The block holds as many samples and series as were written."""
    rows = [({"w": str(n)}, [float(n), NONE if n % 2 else 1.5, 2.5]) for n in range(50)]
    text, account = written([family("cs_a", *rows)])
    (tmp_path / "a.om").write_text(text)
    Promtool(promtool).create_blocks(tmp_path / "a.om", tmp_path / "blocks")
    (block,) = blocks_in(tmp_path / "blocks")
    assert (block.series, block.samples) == (account.series, account.samples) == (50, 125)
    assert (block.first_ms, block.end_ms) == (TIMES[0] * 1_000, TIMES[-1] * 1_000 + 1)
