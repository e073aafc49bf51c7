"""The index page as things happen: figures change, and what the reader does stays."""

import pytest
from playwright.sync_api import Page, expect

from aggregates.shard.board import PartitionStatus, encode_status
from tests.browser.conftest import Opener
from tests.browser.service import Service, served


@pytest.fixture
def page(opened: Opener) -> Page:
    """The index page, marked so that one sees whether it was loaded again."""
    page = opened()
    page.evaluate("document.body.dataset.mark = 'first'")
    return page


def test_figures_change_and_nothing_is_lost(page: Page, service: Service) -> None:
    """What is open, typed, focused and scrolled is as it was, and the page is the same one."""
    page.get_by_text("Sources").click()
    page.get_by_role("searchbox").fill("mrr")
    page.locator("#mrr a").focus()
    page.evaluate("scrollTo(0, 150)")
    there = page.evaluate("scrollY")
    link = page.locator("#mrr a").element_handle()
    mrr = service.happens(1)
    expect(page.locator("#mrr data").first).to_have_attribute("value", repr(mrr))
    assert page.evaluate("document.body.dataset.mark") == "first"
    assert page.locator("details.sources").evaluate("each => each.open")
    assert page.get_by_role("searchbox").input_value() == "mrr"
    assert page.locator("#paying_accounts").is_hidden()
    assert page.evaluate("link => document.activeElement === link", link)
    assert page.evaluate("scrollY") == there
    assert "moved" in (page.locator("#mrr").get_attribute("class") or "")


def test_what_did_not_change_is_not_touched(page: Page, service: Service) -> None:
    """Of a new subscription no ticket knows: its tiles are not even told."""
    page.evaluate(
        """() => { window.touched = new Set();
            new MutationObserver((changes) => { for (const { target } of changes) {
                const element = target.closest ? target : target.parentElement;
                window.touched.add(element?.closest(".tile")?.id); } })
            .observe(document.body, { subtree: true, childList: true, characterData: true }) }"""
    )
    mrr = service.happens(2)
    expect(page.locator("#mrr data").first).to_have_attribute("value", repr(mrr))
    touched = page.evaluate("[...window.touched]")
    assert "mrr" in touched
    assert "nps" not in touched
    assert "tickets_created" not in touched


def test_a_stale_board_is_told(opened: Opener) -> None:
    """The page says why, and that its figures are old; it goes on when there are new ones."""
    with served(accounts=5, days=40) as other:
        page = opened(at=other)
        before = page.locator("#mrr data").first.get_attribute("value")
        board = other.embedded.board
        generation = board.claim(4, 5)  # a fifth partition that nobody has published
        expect(page.get_by_role("alert")).to_contain_text("Stale: partition 4 of 5")
        assert "old" in (page.locator("body").get_attribute("class") or "")
        assert page.locator("#mrr data").first.get_attribute("value") == before
        ready = encode_status(PartitionStatus(ready=True))
        board.publish(4, generation, 1, {}, True, ready)
        expect(page.get_by_role("alert")).to_have_count(0)
        assert "old" not in (page.locator("body").get_attribute("class") or "")
        page.close()


def test_a_page_that_was_stale_shows_figures_when_there_are_some(opened: Opener) -> None:
    """There was nothing to be lost, so it is loaded again."""
    with served(accounts=5, days=40) as other:
        generation = other.embedded.board.claim(4, 5)
        page = opened(at=other)
        expect(page).to_have_title("Stale \N{MIDDLE DOT} Tidemark")
        ready = encode_status(PartitionStatus(ready=True))
        other.embedded.board.publish(4, generation, 1, {}, True, ready)
        expect(page.locator("#mrr")).to_be_visible()
        expect(page).to_have_title("Tidemark")
        page.close()
