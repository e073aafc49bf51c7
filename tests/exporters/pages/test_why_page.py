"""The page on why a figure moved: it adds up, says what it cannot, and can be switched off."""

import json
import re
from typing import Final

import pytest

from aggregates.catalogue.kpi import KpiUnit
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.question import ask
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from events import format_instant
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from exporters.pages.choice import Choice
from exporters.pages.pages import Pages
from exporters.pages.rows import Named
from exporters.quantity import NARROW_SPACE
from exporters.wording import change
from streams.local.embedded import Embedded
from tests.exporters import simulated
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.exporters.pages.test_index_page import outline

EDGE: Final = simulated.END_MS // TILE_MS


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The pages of the simulated company, whose rows are at hand."""
    return Pages(simulated.live(EDGE), "0", Named(simulated.rows()))


def _page(pages: Pages, path: str, **query: str) -> str:
    content = pages.at(path, query)
    assert content is not None
    return content.text.replace(NARROW_SPACE, " ")


def _explained(kpi: str, days: int, **labels: str) -> Explanation:
    catalogue = simulated.shipped()
    question = ask(catalogue, kpi, EDGE, EDGE - days * TILES_A_DAY, labels=labels)
    explanation = simulated.rows().explain(catalogue, question)
    assert explanation is not None
    return explanation


@pytest.mark.parametrize("days", [30, 90])
def test_accounts_and_movements_are_those_of_the_explanation(pages: Pages, days: int) -> None:
    """Each account that made a difference has a row with its effect, each movement its amount."""
    page = _page(pages, "/kpis/mrr/why", days=str(days))
    explanation = _explained("mrr", days)
    rows = re.findall(r'<a href="/account[^>]*><bdi>(\w+)</bdi></a></th><td>([^<]+)</td>', page)
    wanted = [
        (part.account, change(float(part.effect or 0) / 1e6, explanation.question.kpi.unit, "USD"))
        for part in explanation.parts
        if part.counts
    ]
    assert rows == [(name, text.replace(NARROW_SPACE, " ")) for name, text in wanted]
    assert len(rows) > 3
    for name, amount in explanation.movements.items():
        assert (f"<dt>{name.replace('_', ' ')}</dt>" in page) == bool(amount)


def test_a_movement_that_comes_to_nothing_over_all_accounts_is_told() -> None:
    """What went from one account to another is why both changed."""
    item = {"plan_id": "p", "amount": 9_900, "currency": "USD", "interval": "month"}
    had = {"account_id": "a", "subscription_id": "s"}
    told = (
        ("subscription.created", "2026-01-05", {**had, "status": "active", "items": [item]}),
        ("subscription.transferred", "2026-02-20", {**had, "into_account_id": "b"}),
    )
    embedded = Embedded(simulated.PLAN)
    embedded.take(
        [
            json.dumps(
                {"specversion": "1.0", "id": kind, "source": "t", "type": kind}
                | {"time": f"{day}T00:00:00Z", "data": data}
            ).encode()
            for kind, day, data in told
        ]
    )
    embedded.publish()
    feed = Feed(embedded.board, stale_after_s=1e9)
    source, calendar = FixedCatalogue(simulated.shipped()), simulated.PLAN.calendar
    live = LiveReading(feed, source, calendar, lambda: simulated.END_MS)
    page = _page(Pages(live, "0", Named(embedded.rows)), "/kpis/mrr/why", days="30")
    assert "<dt>transfer</dt>" in page
    assert "<dt>churn</dt>" not in page


def test_a_range_and_a_segment_are_those_of_the_explanation(pages: Pages) -> None:
    """Days that are chosen are whole days of the calendar; a segment has its own accounts only."""
    asked = {"segment": "smb"}
    calendar, catalogue = simulated.PLAN.calendar, simulated.shipped()
    last = calendar.day_of(EDGE) - 20
    since, at = calendar.day_start(last - 40), calendar.day_start(last + 1)
    asked["from"] = format_instant(since * TILE_MS)[:10]
    asked["to"] = format_instant((at - 1) * TILE_MS)[:10]
    page = _page(pages, "/kpis/mrr/why", **asked)
    question = ask(catalogue, "mrr", at, since, segment={"segment": "smb"})
    explanation = simulated.rows().explain(catalogue, question)
    assert explanation is not None
    before, now = explanation.figures
    moved = change(now - before, KpiUnit.MONEY, "USD").replace(NARROW_SPACE, " ")
    assert f"<dt>Change</dt><dd>{moved}</dd>" in page
    assert f"{format_instant(since * TILE_MS)}</dt>" in page
    assert f"{format_instant(at * TILE_MS)}</dt>" in page
    assert "segment=segment%3Dsmb" in page
    shown = re.findall(r'<a href="/account[^>]*><bdi>(\w+)</bdi></a></th>', page)
    assert shown == [part.account for part in explanation.parts if part.counts]
    assert shown


def test_what_is_left_out_is_said(pages: Pages) -> None:
    """A segment that there is not, and a range without a first day."""
    page = _page(pages, "/kpis/mrr/why", segment="x" * 300, to="2026-02-01")
    assert f"There is no segment {'x' * 300} by now." in page
    assert "From nothing to 2026-02-01 is no range of days." in page


@pytest.mark.parametrize("kpi", [kpi.id for kpi in simulated.shipped()])
def test_every_kpi_has_one(pages: Pages, kpi: str) -> None:
    """Each page nests and has accounts, or says why it has none."""
    page = _page(pages, f"/kpis/{kpi}/why", days="365")
    outline(page)
    assert ('<h2 id="accounts">' in page) != ('class="banner"' in page)
    if kpi.startswith("kpi_"):
        assert "is about other KPIs" in page


def test_a_quotient_has_both_sides(pages: Pages) -> None:
    """Of a quotient each account has what it has of both sides, as formulas write them."""
    page = _page(pages, "/kpis/arpa/why")
    assert '<th scope="col">mrr</th><th scope="col">paying_accounts</th>' in page
    assert "1 \N{RIGHTWARDS ARROW} 1" in page


def test_a_label_is_looked_at(pages: Pages) -> None:
    """The series of the query is explained, and the way back leads to it."""
    page = _page(pages, "/kpis/churned_mrr/why", window="30d", reason="voluntary", days="90")
    assert 'href="/kpis/churned_mrr?window=30d&amp;reason=voluntary&amp;days=90"' in page
    assert "30 days, voluntary, the last 90 days" in page


def test_a_quantile_has_what_it_is_taken_of(pages: Pages) -> None:
    """Nobody has an effect on a median, so the waits of each account are told, though one term."""
    page = _page(pages, "/kpis/first_response_seconds/why", stat="p50")
    assert '<th scope="col">count(first_response)</th>' in page


def test_values_of_labels_keep_their_letters(pages: Pages) -> None:
    """A heading begins with a capital; what a label says stays as events have it."""
    query = {"window": "month", "days": "30"}
    choice = Choice("month", {"feature": "Reports PDF"}, "30")
    assert choice.heading == "Month to date, Reports PDF"
    assert Choice(None, {}).heading == "Now"
    page = _page(pages, "/kpis/new_mrr/why", **query)
    assert f'<h2 id="change">{choice.heading.partition(",")[0]}, the last 30 days</h2>' in page


def test_it_can_be_switched_off() -> None:
    """Without rows, or where accounts are not to be named, there is no such page, and no link."""
    pages = Pages(simulated.live(EDGE), "0")
    assert pages.at("/kpis/mrr/why", {}) is None
    assert pages.at("/account", {"id": "acct_1"}) is None
    assert "/why" not in _page(pages, "/kpis/mrr")


def test_it_waits_for_history() -> None:
    """Before all history is folded no account is named, since parts would not add up."""
    pages = Pages(simulated.live(EDGE), "0", Named(Embedded(simulated.PLAN).rows))
    assert "History is still being read" in _page(pages, "/kpis/mrr/why")
    assert pages.at("/account", {"id": "acct_1"}) is None
