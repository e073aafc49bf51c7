"""Pages that are asked for again: they become as things are, and what the reader does stays."""

import pytest
from playwright.sync_api import Page, expect

from aggregates.shard.board import PartitionStatus, encode_status
from exporters.pages.template import RENEWAL_S
from tests.browser.conftest import Opener
from tests.browser.service import Service, served


def later(page: Page) -> None:
    """Lets the time pass after which a page is asked for again, and waits until it has come."""
    with page.expect_response(page.url.partition("#")[0]):
        page.clock.run_for(1000 * RENEWAL_S)


@pytest.fixture
def page(opened: Opener) -> Page:
    """The page of a KPI, marked so that one sees whether it was loaded again."""
    page = opened("/kpis/mrr?days=30", clock=True)
    page.evaluate("document.body.dataset.mark = 'first'")
    return page


def test_a_figure_is_as_it_is_and_nothing_is_lost(page: Page, service: Service) -> None:
    """What is open, typed, told of a plot and scrolled to is as it was; the table is new."""
    plot = page.locator(".plot.large")
    page.get_by_text("The values as a table").click()
    page.get_by_label("From").fill("2025-12-01")
    plot.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    told = plot.locator(".told").inner_text()
    there = page.evaluate("scrollY")
    before = page.locator(".now dd").first.get_attribute("title")
    mrr = service.happens(11)
    later(page)
    now = page.locator(".now dd").first
    expect(now).not_to_have_attribute("title", before or "")
    assert f"{mrr:,.2f}".rstrip("0").rstrip(".") in (now.get_attribute("title") or "")
    newest = page.locator("#course ~ details tbody tr").first.locator("td").first
    assert newest.inner_text() == now.inner_text()
    assert page.evaluate("document.body.dataset.mark") == "first"
    assert page.locator("#course ~ details").evaluate("each => each.open")
    assert page.get_by_label("From").input_value() == "2025-12-01"
    assert plot.evaluate("each => each === document.activeElement")
    assert plot.locator(".told").inner_text() == told
    expect(plot.locator(".cursor")).to_have_css("visibility", "visible")
    assert page.evaluate("scrollY") == there


def test_what_happens_is_told_on_the_page_of_events(opened: Opener, service: Service) -> None:
    """The newest event comes first, without the page being loaded again."""
    page = opened("/events", clock=True)
    page.evaluate("document.body.dataset.mark = 'first'")
    service.happens(12)
    later(page)
    expect(page.locator(".ticker li").first).to_contain_text("new_12")
    assert page.evaluate("document.body.dataset.mark") == "first"


def test_a_page_keeps_its_figures_while_there_are_none(opened: Opener) -> None:
    """A stale board, or what is no page, is told above the last whole figures."""
    with served(accounts=5, days=40) as other:
        page = opened("/kpis/mrr", at=other, clock=True)
        before = page.locator(".now dd").first.inner_text()
        generation = other.embedded.board.claim(4, 5)  # a partition that nobody has published
        later(page)
        expect(page.get_by_role("alert")).to_contain_text("Stale: partition 4 of 5")
        assert page.locator(".now dd").first.inner_text() == before
        ready = encode_status(PartitionStatus(ready=True))
        other.embedded.board.publish(4, generation, 1, {}, True, ready)
        later(page)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.route("**/*", lambda route: route.fulfill(body="away"))  # as a proxy may say
        later(page)
        expect(page.get_by_role("alert")).to_contain_text("Not connected.")
        page.unroute("**/*")
        later(page)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.close()
