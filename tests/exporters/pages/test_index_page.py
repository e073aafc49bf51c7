"""The index page: right, escaped, and without parts from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final

import numpy as np
import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import KpiUnit
from aggregates.ledger.ledger import Ledger
from aggregates.reading.table import Result
from aggregates.shard.board import Board, PartitionStatus, TopicStatus, encode_status
from aggregates.shard.plan import Plan
from exporters.boards.memory_board import MemoryBoard
from exporters.pages.pages import Pages
from exporters.pages.static import STATIC
from exporters.pages.style import POLICY
from exporters.pages.tile import ROWS_MAX, Tile, tile_of
from exporters.pages.trend import Moments, Trend
from exporters.pages.view import View
from exporters.quantity import NARROW_SPACE, duration
from exporters.wording import NOTHING, figure
from tests.exporters import company

VOID: Final = {"meta", "link", "br", "hr", "img", "input"}


def rendered(board: Board, query: Mapping[str, str] | None = None) -> str:
    """Renders the page of a board."""
    content = Pages(company.live(board), "0.0.0").at("/", query or {})
    assert content is not None
    return content.text


def article(page: str, kpi: str) -> str:
    """Returns one tile."""
    found = re.search(rf'<article class="tile" id="{kpi}".*?</article>', page, re.DOTALL)
    assert found is not None
    return found[0].replace(NARROW_SPACE, " ")


class Outline(HTMLParser):
    """Checks that elements nest, and notes what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        """Closes an element."""
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    """Parses a page."""
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    assert parsed.open == []
    return parsed


def test_values() -> None:
    """A tile has the figure for the eye, and exactly for who points at it or reads it."""
    page = rendered(company.board(2))
    mrr = article(page, "mrr")
    assert '<data value="4301.5" title="4,301.5 USD">4,302&#8239;<span' in mrr
    churn = article(page, "customer_churn_ratio")
    assert '<data value="0.1" title="10 %">10.0 %</data>' in churn
    assert ">30 days<" in churn
    assert 'title="30,230 seconds">8 h 23 min</data>' in article(page, "reply_seconds")


def test_changes() -> None:
    """A tile tells what changed in a week and a month, by sign and word and not by colour alone."""
    mrr = article(rendered(company.board(2)), "mrr")
    assert '<span class="since">7 d</span>' in mrr
    assert "<b>0.00 USD</b></li>" in mrr
    ledger = Ledger()
    ledger.add(("mrr",), ("smb",), company.EDGE - 400 * 96, 100_000_000)
    ledger.add(("mrr",), ("smb",), company.EDGE - 9 * 96, -20_000_000)
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, ledger)
    mrr = article(rendered(board), "mrr")
    assert '<li class="worse" title="-20.0%"><span class="since">30 d</span>' in mrr
    assert "<b>\N{MINUS SIGN}20.00 USD</b>" in mrr
    assert '<span class="word">worse</span>' in mrr


def test_targets() -> None:
    """A tile says in words whether the target is met, and what is not acceptable."""
    churn = article(rendered(company.board(2)), "customer_churn_ratio")
    assert "\N{LESS-THAN OR EQUAL TO} 5.0 % missed" in churn
    assert "alert" not in churn
    assert told("nps", {}, 20.0).alert.startswith("\N{GREATER-THAN OR EQUAL TO}")
    assert (told("nps", {}, 40.0).alert, told("nps", {}, 40.0).state) == ("", "missed")
    assert told("nps", {}, 60.0).state == "met"


def test_targets_are_about_the_usual_window() -> None:
    """Over another window nothing is met or missed; a segment sets no alert off."""
    over = {"window": "month"}
    assert told("customer_churn_ratio", over, 0.5, View("month")).state == ""
    assert told("gross_mrr_churn_ratio", {"window": "30d"}, 0.5).alert != ""
    assert told("gross_mrr_churn_ratio", {"window": "30d"}, 0.5, View("", "smb")).alert == ""


def test_no_value() -> None:
    """What has no value is a dash, and meets or misses no target."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, Ledger())
    churn = article(rendered(board), "customer_churn_ratio")
    assert f'<data value="" title="no value">{NOTHING}</data>' in churn
    assert "missed" not in churn
    assert ">&ndash;</p>" in article(rendered(board), "tasks_overdue")


def test_many_rows() -> None:
    """A tile lists some label values, the largest first, and says how many more there are."""
    held = Ledger()
    for owner in range(ROWS_MAX + 3):
        held.add(("overdue", f"o{owner}"), ("unknown",), company.EDGE - 1, owner + 1)
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, held)
    tile = article(rendered(board), "tasks_overdue")
    assert re.findall(r"<dt>(.*?)</dt>", tile) == [f"o{ROWS_MAX + 2 - n}" for n in range(ROWS_MAX)]
    assert "and 3 more" in tile


def test_stale() -> None:
    """A stale page says so with the reason, in its title too, and shows no figure."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 1, 2, said=company.status(owner="<w>"))
    page = rendered(board)
    assert "Stale: partition 0 of 2 not on the board" in page
    assert "<title>Stale" in page
    assert "<article" not in page
    outline(page)


@pytest.mark.parametrize(
    ("lag", "shown"),
    [(None, "<small>lag unknown</small>"), (0, ""), (7, "<small>7 behind</small>")],
)
def test_lag(lag: int | None, shown: str) -> None:
    """A lag is shown when there is one; an unknown lag is called so, and is not taken for 0."""
    topics = {"usage": TopicStatus(1, lag, company.NOW_MS - 2_000)}
    board = MemoryBoard(clock_s=lambda: 0.0)
    said = encode_status(PartitionStatus(ready=True, topics=topics))
    company.publish(board, 0, 1, said=said)
    page = rendered(board)
    [fact] = [line for line in page.splitlines() if "Last usage event" in line]
    assert fact.endswith(f"</time>{' ' * bool(shown)}{shown}</dd></div>")
    assert '<time data-age="2">2' in fact
    assert ("behind" in fact, "unknown" in fact) == ("behind" in shown, "unknown" in shown)


@pytest.mark.parametrize(
    ("lag", "shown"), [(None, "lag unknown"), (0, None), (1_234, "1,234 behind")]
)
def test_lag_of_a_topic_of_which_no_event_is_known(lag: int | None, shown: str | None) -> None:
    """It is told too: a worker has just started, or an explorer reads what others have folded."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    said = encode_status(PartitionStatus(ready=True, topics={"usage": TopicStatus(1, lag)}))
    company.publish(board, 0, 1, said=said)
    facts = [line for line in rendered(board).splitlines() if "Topic usage" in line]
    assert bool(facts) == (shown is not None)
    assert all(f"<dd> <small>{shown}</small></dd>" in fact for fact in facts)


@pytest.mark.parametrize(
    ("stored_ms", "shown"),
    [(None, None), (0, None), (company.NOW_MS - 5_000, f"{duration(5)} ago")],
)
def test_when_what_is_shown_was_stored(stored_ms: int | None, shown: str | None) -> None:
    """Of rows that are read from what workers have stored; who folds events has no such time."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    said = encode_status(PartitionStatus(ready=True, stored_ms=stored_ms))
    company.publish(board, 0, 1, said=said)
    facts = [line for line in rendered(board).splitlines() if "Last checkpoint" in line]
    assert bool(facts) == (shown is not None)
    assert all(f">{shown}</time></dd>" in fact for fact in facts)


def test_well_formed() -> None:
    """Elements nest, ids are unique, tables have captions, headings do not skip."""
    parsed = outline(rendered(company.board(2)))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.tags.count("table") == parsed.tags.count("caption")
    assert [tag for tag in parsed.tags if tag in ("h1", "h2", "h3")][:3] == ["h1", "h2", "h3"]


def test_nothing_from_elsewhere() -> None:
    """The page refers to itself only, and its policy allows its style and our files alone."""
    page = rendered(company.board(2))
    parsed = outline(page)
    assert {"/metrics", "/-/ready"} <= set(parsed.links)
    assert all(link.startswith(("/", "#")) for link in parsed.links)
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/page.js" defer>']
    assert "/static/page.js" in STATIC
    assert re.search(r" (?:style|on\w+)=", page) is None
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY
    assert "unsafe" not in POLICY


def test_escaped() -> None:
    """Titles and label values are text, whatever is in them."""
    page = rendered(company.board(2))
    assert ">MRR &lt;of all&gt;</a></h3>" in page
    assert "&#34;owner&#34;" in page
    assert "<of" not in page
    assert "<b>" not in article(page, "tasks_overdue").replace("<b><data", "")
    asked = rendered(company.board(2), {"q": '"><script>', "segment": "<i>", "window": "<u>"})
    assert re.findall("<(?:script>|i>|u>)", asked) == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (float("nan"), KpiUnit.COUNT, NOTHING),
        (float("inf"), KpiUnit.RATIO, NOTHING),
        (0.0, KpiUnit.RATIO, "0.0 %"),
        (-0.012, KpiUnit.RATIO, "\N{MINUS SIGN}1.2 %"),
        (12.5, KpiUnit.MONEY, "12.50 EUR"),
        (1_234_567.89, KpiUnit.MONEY, "1,234,568 EUR"),
        (1_234.0, KpiUnit.ACCOUNTS, "1,234"),
        (2.5, KpiUnit.COUNT, "2.5"),
        (41.26, KpiUnit.SCORE, "41.3"),
        (93_900.0, KpiUnit.SECONDS, "1 d 2 h"),
    ],
)
def test_figures(value: float, unit: KpiUnit, text: str) -> None:
    """Values are written as people write them, and no value is never 0."""
    assert figure(value, unit, "EUR").replace(NARROW_SPACE, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.99, "10.0 s"),
        (59.6, "1 min"),
        (3_599.6, "1 h"),
        (86_399.9, "1 d"),
        (90_061, "1 d 1 h"),
        (31_536_000, "365 d"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """Durations are written in their two largest units, rounded once."""
    assert duration(seconds).replace(NARROW_SPACE, " ") == text


def made(kpi: str, labels: Mapping[str, str], value: float) -> Trend:
    """A series of a shipped KPI that has this value now."""
    catalogue = load(Plan().measures.values(), shipped_source())
    moments = Moments(company.EDGE, company.calendar())
    values = np.full(len(moments.every), value)
    return Trend(Result(catalogue[kpi], tuple(sorted(labels.items())), values), moments)


def told(kpi: str, labels: Mapping[str, str], value: float, view: View | None = None) -> Tile:
    """The tile of a shipped KPI of one series."""
    usual = {"window": "90d"} if kpi == "nps" else labels
    trend = made(kpi, usual, value)
    return tile_of(trend.result.kpi, [trend], view or View(), "USD")


def rows(kpi: str, *values: tuple[dict[str, str], float]) -> list[str]:
    """The names of the rows of the tile of a shipped KPI that has these values."""
    found = [made(kpi, labels, value) for labels, value in values]
    return [row.name for row in tile_of(found[0].result.kpi, found, View(), "USD").rows]


def test_declared_order() -> None:
    """Label values come in the order in which the catalogue declares them, not by spelling."""
    waiting = [({"over": over}, 1.0) for over in ("0h", "1h", "24h", "4h")]
    assert rows("tickets_waiting_first_response", *waiting) == ["0h", "1h", "4h", "24h"]
    bands = [({"band": band}, 1.0) for band in ("green", "red", "yellow")]
    assert rows("accounts_by_health", *bands) == ["red", "yellow", "green"]
