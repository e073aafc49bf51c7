"""Quality and freshness: what the page shows of them, also while there are no figures."""

import pytest

from events import format_instant
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from exporters.http import Server
from exporters.live_reading import LiveReading
from exporters.quality import quality_of
from exporters.service_metrics import last_events_ms
from streams.local.embedded import Embedded
from tests.exporters.api import company
from tests.exporters.api.company import get
from tests.exporters.fixed_catalogue import FixedCatalogue

BAD = [b"{", b"[]", b'{"specversion": "1.0", "id": "x", "type": "no.such.type"}', b"{}"]


@pytest.fixture(scope="module")
def disordered() -> Embedded:
    """A service that was sent what it cannot fold."""
    embedded = Embedded(company.PLAN)
    embedded.take([*company.lines()[:500], *BAD, company.lines()[0]])
    embedded.publish()
    return embedded


def test_quality(disordered: Embedded) -> None:
    """Every count, with why and what to do, as the section of the page has it."""
    live = company.live(disordered)
    with company.served(live, None) as server:
        told = get(server, "/quality").json
    found = quality_of(live.take())
    assert told["folded"] == found.folded > 400
    assert told["nothing_new"] == found.nothing_new >= 1
    assert told["rejected"] == found.rejected == sum(e["count"] for e in told["not_folded"]) > 0
    assert [each["reason"] for each in told["not_folded"]] == [e.reason for e in found.not_folded]
    for each in told["not_folded"]:
        assert each["means"]
        assert each["mend"]
        assert each["example"]
    assert told["tickets_never_created"] == found.orphans


def test_freshness(server: Server) -> None:
    """The time, the edge, and how far each topic is."""
    told = get(server, "/freshness").json
    assert (told["now"], told["at"]) == ("2026-02-27T11:59:59.999Z", company.END)
    assert (told["complete"], told["reason"]) == (True, "")
    assert told["partitions"] == told["partitions_expected"] == 4
    topics = {each["topic"]: each for each in told["topics"]}
    assert {"subscription", "usage"} <= topics.keys()
    latest = last_events_ms(company.live().take().state.partitions)
    assert topics["usage"]["last_event"] == format_instant(latest["usage"])
    assert topics["usage"]["lag"] == 0


def test_without_figures_it_says_why() -> None:
    """Figures are refused with when to ask again, and freshness tells the reason."""
    board = MemoryBoard()
    source = FixedCatalogue(company.catalogue())
    live = LiveReading(Feed(board), source, company.PLAN.calendar, lambda: 10**12)
    with company.served(live, None) as server:
        told = get(server, "/freshness").json
        assert (told["complete"], told["reason"]) == (
            False,
            "no worker has claimed a partition yet",
        )
        assert (told["partitions"], told["oldest_seconds"], told["topics"]) == (0, None, [])
        assert get(server, "/quality").status == 200
        assert get(server, "/openapi.json").status == 200
        for path in ("/kpis", "/kpis/mrr", "/kpis/mrr/series", "/kpis/mrr/segments"):
            got = get(server, path)
            assert (got.status, got.headers["retry-after"]) == (503, "5")
            assert told["reason"] in got.json["detail"]
