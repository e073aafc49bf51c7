"""From a figure to one event and back, in a browser."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from aggregates.explanation.question import ask
from aggregates.time.tile import TILES_A_DAY
from exporters.wording import change
from tests.browser.conftest import Opener
from tests.browser.service import EDGE, Service

_WIDTHS: Final = (1280, 360)


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("width", _WIDTHS)
def test_from_a_figure_to_one_event_and_back(opened: Opener, service: Service, width: int) -> None:
    """MRR, why it moved, an account, the event that did it; and back to MRR by links alone."""
    service.happens(3)
    page = opened("/", width=width)
    page.locator("#mrr a").first.click()
    page.get_by_role("link", name="Why did it move?").click()
    page.wait_for_url("**/kpis/mrr/why?days=90")
    question = ask(service.catalogue, "mrr", EDGE, EDGE - 90 * TILES_A_DAY)
    explanation = service.embedded.rows.explain(service.catalogue, question)
    assert explanation is not None
    (part,) = (part for part in explanation.parts if part.account == "new_3")
    assert part.effect is not None
    told = change(float(part.effect) / 1e6, question.kpi.unit, "USD")
    row = page.get_by_role("row").filter(has_text="new_3")
    expect(row).to_contain_text(told)
    _fits(page)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("new_3")
    _fits(page)
    page.get_by_role("link", name="Events", exact=True).click()
    made = page.get_by_role("table", name="The events that made the change")
    expect(made.get_by_role("row").filter(has_text="new-3")).to_contain_text(told)
    _fits(page)
    page.get_by_role("link", name="Why MRR moved").click()
    page.get_by_role("link", name="MRR", exact=True).click()
    page.get_by_role("link", name="All KPIs").click()
    page.wait_for_url(re.compile(r"/#mrr$"))


def test_days_of_ones_own_are_explained(opened: Opener) -> None:
    """A range that is chosen on the page of the KPI, or on the page itself, is explained."""
    page = opened("/kpis/mrr")
    page.get_by_label("From", exact=True).fill("2026-01-05")
    page.get_by_label("To", exact=True).fill("2026-02-10")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Why did it move?").click()
    expect(page.get_by_role("main")).to_contain_text("2026-02-11T00:00:00Z")
    page.get_by_label("To", exact=True).fill("2026-02-20")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("main")).to_contain_text("2026-02-21T00:00:00Z")
    expect(page.get_by_role("main")).to_contain_text("2026-01-05T00:00:00Z")


def test_what_happens_is_told_on_the_index(opened: Opener, service: Service) -> None:
    """The ticker follows without the page being loaded again, and leads to the account."""
    page = opened("/")
    page.evaluate("document.body.dataset.mark = 'first'")
    service.happens(4)
    happened = page.locator(".ticker li").first
    expect(happened).to_contain_text("new_4")
    expect(happened).to_contain_text(re.compile(r"MRR\s+\+1,234"))
    assert page.evaluate("document.body.dataset.mark") == "first"
    happened.get_by_role("link", name="new_4").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("new_4")
