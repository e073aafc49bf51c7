"""Text formats of a scrape: called what they are, and no histogram where that means counters."""

import pytest

from exporters.collector import LiveCollector
from exporters.text_format import encoder
from tests.exporters import company

PLAIN = "text/plain; version=0.0.4; charset=utf-8"

NAMES = [f"cs_reply_seconds_distribution_{part}" for part in ("bucket", "gcount", "gsum")]


def written(accept: str) -> str:
    """The small company's exposition, as a client asks for it."""
    encode, _ = encoder(accept)
    return encode(LiveCollector(company.live(company.board(1)), version="0")).decode()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0"),
        (
            "application/openmetrics-text;version=2.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        ),
        ("text/plain;version=2.0.0", "text/plain; version=1.0.0"),
        ("", PLAIN),
        ("*/*", PLAIN),
        ("application/openmetrics-text;version=none", PLAIN),
    ],
)
def test_a_format_is_called_what_it_is(accept: str, content_type: str) -> None:
    """A client that asks for a newer format than there is gets the newest there is, under its own
    name; one that makes no sense gets the plain one."""
    assert encoder(accept)[1].startswith(content_type)


def test_plain_text_has_no_histograms() -> None:
    """Each name of a gauge histogram is a family of its own, that holds all its samples."""
    lines = written("").splitlines()
    kinds = dict(line.split()[2:] for line in lines if line.startswith("# TYPE"))
    assert [kinds[name] for name in NAMES] == ["untyped", "gauge", "gauge"]
    assert "histogram" not in kinds.values()
    heads = {name: lines.index(f"# TYPE {name} {kinds[name]}") for name in NAMES}
    for name, head in heads.items():
        samples = [n for n, line in enumerate(lines) if line.startswith(f"{name}{{")]
        assert samples == list(range(head + 1, head + 1 + len(samples))) != [], name


def test_both_formats_have_the_same_samples() -> None:
    """What is shown does not depend on the format."""
    plain, openmetrics = (
        sorted(line for line in written(accept).splitlines() if line[0] != "#")
        for accept in ("", "application/openmetrics-text;version=1.0.0")
    )
    told = "tidemark_scrape_duration_seconds"  # the one that differs from scrape to scrape
    assert [s for s in plain if told not in s] == [s for s in openmetrics if told not in s] != []
