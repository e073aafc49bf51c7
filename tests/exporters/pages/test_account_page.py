"""The page of an account: its figures are those of a company of it alone; what it is, is said."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aggregates.time.tile import TILE_MS
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from exporters.pages.pages import Pages
from exporters.pages.rows import Named
from exporters.quantity import NARROW_SPACE
from streams.local.embedded import Embedded
from tests.exporters import simulated
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.exporters.pages.test_index_page import outline

NOW_MS: Final = simulated.END_MS


def _event(number: int, kind: str, time: str, data: Mapping[str, Any]) -> bytes:
    event = {"specversion": "1.0", "id": f"e{number}", "source": "test", "type": kind}
    return json.dumps({**event, "time": time, "data": data}).encode()


def _subscription(number: int, account: str, amount: int) -> bytes:
    item = {"plan_id": "p", "amount": amount, "currency": "USD", "interval": "month"}
    data = {"account_id": account, "subscription_id": f"s_{account}", "status": "active"}
    return _event(number, "subscription.created", "2026-01-05T00:00:00Z", {**data, "items": [item]})


def _pages(records: Iterable[bytes]) -> Pages:
    embedded = Embedded(simulated.PLAN)
    embedded.take(list(records))
    embedded.publish()
    feed = Feed(embedded.board, stale_after_s=1e9)
    source, calendar = FixedCatalogue(simulated.shipped()), simulated.PLAN.calendar
    return Pages(LiveReading(feed, source, calendar, lambda: NOW_MS), "0", Named(embedded.rows))


def _page(pages: Pages, account: str) -> str:
    content = pages.at("/account", {"id": account})
    assert content is not None
    return content.text.replace(NARROW_SPACE, " ")


def _now(page: str, kpi: str) -> str | None:
    found = re.search(rf'href="/kpis/{kpi}">[^<]*</a></th><td>.*?</td><td>([^<]*)</td>', page)
    return found and found[1]


def test_figures_are_those_of_the_account_alone() -> None:
    """Each account has its own MRR; what nothing is told of is left out, unknown ones are none."""
    pages = _pages([_subscription(1, "a", 30_000), _subscription(2, "b <i>", 5_000)])
    assert _now(_page(pages, "a"), "mrr") == "300.00 USD"
    page = _page(pages, "b <i>")
    assert _now(page, "mrr") == "50.00 USD"
    assert _now(page, "ticket_backlog") is None
    assert "<h1><bdi>b &lt;i&gt;</bdi></h1>" in page
    assert "<i>" not in page
    outline(page)
    assert pages.at("/account", {"id": "nobody"}) is None
    assert pages.at("/account", {}) is None


def test_a_subscription_that_went_does_not_go_on() -> None:
    """It is counted where it is; where it was the page says that it went. Each names the other."""
    transfer = {"account_id": "a", "subscription_id": "s_a", "into_account_id": "b"}
    records = [_subscription(1, "a", 30_000), _subscription(2, "b", 5_000)]
    records.append(_event(3, "subscription.transferred", "2026-01-09T00:00:00Z", transfer))
    pages = _pages(records)
    facts = re.compile(r"<dt>([^<]*)</dt><dd>(\d+)</dd>")
    assert facts.findall(page := _page(pages, "a")) == [
        ("Going on", "0"),
        ("Ended", "0"),
        ("Went to another account", "1"),
    ]
    assert 'transferred subscriptions it has to do with: <a href="/account?id=b">' in page
    assert facts.findall(page := _page(pages, "b"))[:2] == [("Going on", "2"), ("Ended", "0")]
    assert 'transferred subscriptions it has to do with: <a href="/account?id=a">' in page


def test_a_subscription_that_another_replaces_does_not_go_on() -> None:
    """It has ended as the other begins, whether that is told or not."""
    heir = {"account_id": "a", "subscription_id": "s_2", "replaces_subscription_id": "s_a"}
    records = [_subscription(1, "a", 30_000)]
    told = {**heir, "status": "active", "items": []}
    records.append(_event(2, "subscription.created", "2026-01-09T00:00:00Z", told))
    page = _page(_pages(records), "a")
    facts = re.findall(r"<dt>([^<]*)</dt><dd>(\d+)</dd>", page)
    assert facts[:2] == [("Going on", "1"), ("Ended", "1")]


def test_a_merged_account_says_so() -> None:
    """The one leads to the other, which has the figures of both."""
    merge = {"account_id": "b", "into_account_id": "a"}
    records = [_subscription(1, "a", 30_000), _subscription(2, "b", 5_000)]
    records.append(_event(3, "account.merged", "2026-01-09T00:00:00Z", merge))
    pages = _pages(records)
    page = _page(pages, "a")
    assert _now(page, "mrr") == "350.00 USD"
    assert 'href="/account?id=b"' in page
    page = _page(pages, "b")
    assert "It was merged" in page
    assert 'href="/account?id=a"' in page
    assert _now(page, "mrr") is None


def test_a_chain_of_merges_leads_to_its_end() -> None:
    """Who was merged into one that was merged itself counts for the last, and its page says so."""
    records = [_subscription(n, account, 1_000) for n, account in enumerate("abc")]
    for number, (account, into) in enumerate((("a", "b"), ("b", "c")), 3):
        merge = {"account_id": account, "into_account_id": into}
        records.append(_event(number, "account.merged", "2026-01-09T00:00:00Z", merge))
    pages = _pages(records)
    assert _now(_page(pages, "c"), "mrr") == "30.00 USD"
    for account in "ab":
        assert 'it had counts for <a href="/account?id=c">' in _page(pages, account)


def test_an_internal_account_says_so() -> None:
    """An account of the company itself counts nowhere, and its page tells why it is empty."""
    internal = {"account_id": "us", "is_internal": True}
    created = _event(1, "account.created", "2026-01-01T00:00:00Z", internal)
    page = _page(_pages([created, _subscription(2, "us", 30_000)]), "us")
    assert "an account of the company itself" in page
    assert _now(page, "mrr") is None


def test_accounts_add_up_to_the_company() -> None:
    """Who sums up what the pages of all accounts say has the figure of the company."""
    amounts = {"a": 30_000, "b": 5_000, "c": 12_345}
    pages = _pages(_subscription(n, *each) for n, each in enumerate(amounts.items()))
    told = [_now(_page(pages, account), "arr") for account in amounts]
    index = pages.at("/", {})
    assert index is not None
    assert sum(float(str(each).removesuffix(" USD").replace(",", "")) for each in told) == 5_681
    assert ">5,681" in index.text


def test_a_page_of_the_simulated_company() -> None:
    """It nests, has attributes and lines, and its links stay here."""
    page = _page(Pages(simulated.live(NOW_MS // TILE_MS), "0", Named(simulated.rows())), "acct_7")
    parsed = outline(page)
    assert all(link.startswith(("/", "#")) for link in parsed.links)
    assert page.count('class="spark"') > 5
