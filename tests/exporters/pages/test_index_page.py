"""The index page: right, escaped, and without parts from elsewhere."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final

import numpy as np
import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import KpiUnit
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Result
from aggregates.shard.board import Board, PartitionStatus, TopicStatus, encode_status
from aggregates.shard.plan import Plan
from exporters.boards.memory_board import MemoryBoard
from exporters.pages.card import ROWS_MAX, card
from exporters.pages.pages import Pages
from exporters.pages.style import POLICY
from exporters.quantity import NARROW_SPACE, duration
from exporters.wording import NOTHING, figure
from tests.exporters import company

VOID: Final = {"meta", "link", "br", "hr", "img", "input"}


def rendered(board: Board) -> str:
    """Renders the page of a board."""
    content = Pages(company.live(board), "0.0.0").at("/", {})
    assert content is not None
    return content.text


def article(page: str, kpi: str) -> str:
    """Returns one card."""
    found = re.search(rf'<article id="{kpi}">.*?</article>', page, re.DOTALL)
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
    """Each card shows its values by unit, one column a window and one row a label value."""
    page = rendered(company.board(2))
    assert "4,302 <span" in article(page, "mrr")
    churn = article(page, "customer_churn_ratio")
    assert churn.count("<td>10.0 %</td>") == 2
    assert "month to date" in churn
    assert '<th scope="row">p90</th><td>1 d 1 h</td><td>1 d 1 h</td>' in article(
        page, "reply_seconds"
    )


def test_aims() -> None:
    """A card tells the good direction, and in words whether the target is met."""
    churn = article(rendered(company.board(2)), "customer_churn_ratio")
    assert "lower is better" in churn
    assert "\N{LESS-THAN OR EQUAL TO} 5.0 % missed" in churn


def test_what_is_acceptable() -> None:
    """A card tells what is acceptable where that is not the target itself, and else nothing."""
    shipped = load(Plan().measures.values(), shipped_source())
    limits = {kpi.id: card(kpi, [], {}).replace(NARROW_SPACE, " ") for kpi in shipped}
    assert "acceptable \N{GREATER-THAN OR EQUAL TO} 31.0" in limits["nps"]
    assert "target \N{GREATER-THAN OR EQUAL TO} 50.0" in limits["nps"]
    assert ">acceptable" not in limits["customer_churn_ratio"]
    assert ">acceptable" not in limits["net_mrr_churn_ratio"]


def test_no_value() -> None:
    """What has no value is a dash, and meets or misses no target."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, Ledger())
    churn = article(rendered(board), "customer_churn_ratio")
    assert churn.count(f">{NOTHING}</span>") == 2
    assert "missed" not in churn
    assert f">{NOTHING}</span>" in article(rendered(board), "tasks_overdue")


def test_many_rows() -> None:
    """A card lists some label values and says how many more there are."""
    held = Ledger()
    for owner in range(ROWS_MAX + 3):
        held.add(("overdue", f"o{owner}"), ("unknown",), company.EDGE - 1, 1)
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, held)
    card = article(rendered(board), "tasks_overdue")
    assert card.count("<tr>") == ROWS_MAX
    assert "and 3 more" in card


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
    assert fact.endswith(f"{' ' * bool(shown)}{shown}</dd></div>")
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
    assert all(f"<dd>{shown}</dd>" in fact for fact in facts)


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
    assert all(f"<dd>{shown}</dd>" in fact for fact in facts)


def test_well_formed() -> None:
    """Elements nest, ids are unique, tables have captions, headings do not skip."""
    parsed = outline(rendered(company.board(2)))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.tags.count("table") == parsed.tags.count("caption")
    assert [tag for tag in parsed.tags if tag in ("h1", "h2", "h3")][:3] == ["h1", "h2", "h3"]


def test_nothing_from_elsewhere() -> None:
    """The page refers to itself only, runs no script, and its policy allows its style alone."""
    page = rendered(company.board(2))
    parsed = outline(page)
    assert {"/metrics", "/-/ready"} <= set(parsed.links)
    assert all(link.startswith(("/", "#")) for link in parsed.links)
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert "script" not in parsed.tags
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY


def test_escaped() -> None:
    """Titles and label values are text, whatever is in them."""
    page = rendered(company.board(2))
    assert ">MRR &lt;of all&gt;</a></h3>" in page
    assert "&quot;owner&quot;" in page
    assert "<of" not in page


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


def shown(kpi: str, *values: tuple[dict[str, str], float]) -> list[tuple[str, str]]:
    """The rows of the card of a shipped KPI that has these values: name and figure."""
    catalogue = load(Plan().measures.values(), shipped_source())
    results = [
        Result(catalogue[kpi], tuple(sorted(labels.items())), np.array([value]))
        for labels, value in values
    ]
    page = card(catalogue[kpi], results, {each.id: each.unit for each in catalogue})
    page = page.replace(NARROW_SPACE, " ")
    return re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page)


def test_declared_order() -> None:
    """Label values come in the order in which the catalogue declares them, not by spelling."""
    waiting = [({"over": over}, 1.0) for over in ("0h", "1h", "24h", "4h")]
    rows = shown("tickets_waiting_first_response", *waiting)
    assert [name for name, _ in rows] == ["0h", "1h", "4h", "24h"]
    bands = [({"band": band}, 1.0) for band in ("green", "red", "yellow")]
    assert [name for name, _ in shown("accounts_by_health", *bands)] == ["red", "yellow", "green"]


def test_figures_about_other_kpis() -> None:
    """A change or a target is in the unit of the KPI it is about; on target is yes or no."""
    about = [({"kpi": "csat_ratio"}, 0.8), ({"kpi": "nps"}, 50.0)]
    assert shown("kpi_target", *about) == [("csat_ratio", "80.0 %"), ("nps", "50.0")]
    assert shown("kpi_change_7d", ({"kpi": "first_response_seconds"}, -3600.0)) == [
        ("first_response_seconds", "\N{MINUS SIGN}1 h")
    ]
    met = [({"kpi": "csat_ratio"}, 1.0), ({"kpi": "nps"}, 0.0)]
    assert shown("kpi_on_target", *met) == [("csat_ratio", "yes"), ("nps", "no")]
