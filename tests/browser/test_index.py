"""The index page in a browser: found, chosen and searched, by pointer, keys and without script."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.service import Service


def exact(page: Page, kpi: str) -> float:
    """Returns the figure of a tile as a machine reads it."""
    value = page.locator(f"#{kpi} data").first.get_attribute("value")
    assert value
    return float(value)


def test_it_opens_with_every_group(opened: Opener) -> None:
    """What happened, and five dashboards with their tiles, under one heading, in landmarks."""
    page = opened()
    expect(page).to_have_title("Tidemark")
    groups = page.get_by_role("heading", level=2).all_inner_texts()
    assert groups == [
        "What happened lately",
        "Customer success KPIs",
        "SaaS",
        "Executive",
        "Success manager",
        "Team",
        "Data quality",
    ]
    assert page.locator(".tile:visible").count() > 90
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("search")).to_have_count(1)
    expect(page.get_by_role("navigation")).to_have_count(1)


def test_tiles_show_what_replay_gives(opened: Opener, service: Service) -> None:
    """Every figure of a tile is one of a replay of the same events, to the last bit."""
    page = opened()
    known: dict[str, set[float]] = {}
    for sample in service.replayed():
        known.setdefault(sample.kpi.id, set()).add(sample.value)
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".tile")].map((tile) => [tile.id,
            [...tile.querySelectorAll("data")].map((data) => data.value).filter(Boolean)])"""
    )
    checked = 0
    for kpi, values in shown:
        now = values[:1] if kpi == "daily_usage_ratio" else values  # the other is of yesterday
        assert {float(value) for value in now} <= known.get(kpi, set()), kpi
        checked += len(now)
    assert checked > 100


def test_window_and_segment_are_chosen(opened: Opener) -> None:
    """A choice leads to an address that shows the same to whom it is sent."""
    page = opened()
    whole = exact(page, "mrr")
    page.get_by_label("Window").select_option("month")
    page.wait_for_url("**/?window=month")
    expect(page.locator("#new_mrr .running")).to_contain_text("running month")
    page.get_by_label("Segment").select_option("enterprise")
    page.wait_for_url("**/?window=month&segment=enterprise")
    assert exact(page, "mrr") < whole
    page.locator("#new_mrr a").click()
    page.wait_for_url("**/kpis/new_mrr?window=month&segment=enterprise")
    expect(page.get_by_role("main")).to_contain_text("Month to date, enterprise")


def test_search_filters_as_one_types(opened: Opener) -> None:
    """The tiles that are not called so go; the address has what was typed."""
    page = opened()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("mrr churn")
    assert page.locator(".tile:visible").evaluate_all("tiles => tiles.map((t) => t.id)") == [
        "churned_mrr",
        "gross_mrr_churn_ratio",
        "mrr_churn_ratio",
        "net_mrr_churn_ratio",
    ]
    assert page.url.endswith("/?q=mrr+churn")
    page.keyboard.type("zebra")
    expect(page.get_by_text("No KPI is called that.")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator(".tile:visible").count() > 90
    assert page.url.endswith("/")


def test_it_works_without_script(opened: Opener) -> None:
    """Choices and searches are a form, and the page loads itself again."""
    page = opened(java_script_enabled=False)
    page.get_by_role("searchbox").fill("churn")
    page.get_by_label("Window").select_option("month")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/?window=month*q=churn")
    expect(page.locator("#mrr_churn_ratio")).to_be_visible()
    expect(page.locator("#mrr")).to_be_hidden()
    refresh = page.locator("noscript meta[http-equiv=refresh], head meta[http-equiv=refresh]")
    assert refresh.count() == 1


_WIDER: Final = """figures => figures.filter(figure => {
    const text = document.createRange();
    text.selectNodeContents(figure);
    const right = figure.getBoundingClientRect().right;
    return right > 0 && text.getBoundingClientRect().right > right + 1;
}).map(figure => figure.textContent)"""
"""Finds what stands over the edge of its card."""


@pytest.mark.parametrize(
    "path", ["/", "/kpis/mrr", "/kpis/mrr/why", "/kpis/feature_adoption_ratio"]
)
@pytest.mark.parametrize("width", [360, 390, 768, 1400])
def test_nothing_is_wider_than_the_window(opened: Opener, path: str, width: int) -> None:
    """From a telephone to a desk, a page is not scrolled sideways, and figures fit their cards."""
    page = opened(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    figures = page.locator("dd")
    assert figures.count() > 0
    assert figures.evaluate_all(_WIDER) == []


def test_light_and_dark(opened: Opener) -> None:
    """The page is as bright as the reader's system."""
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert min(opened(color_scheme="light").evaluate(ground)) > 200
    assert max(opened(color_scheme="dark").evaluate(ground)) < 60


def test_keys_alone_lead_everywhere(opened: Opener) -> None:
    """The first key press offers to skip; each stop is seen; a tile opens by Enter."""
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#figures")
    stops: list[list[str]] = []
    while len(stops) < 4:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.ticker') !== null"):
            continue  # what happened lately, which other tests have seen to
        stops.append(
            page.evaluate(
                """() => { const at = document.activeElement, tile = at.closest(".tile") ?? at;
                return [at.textContent, getComputedStyle(tile).outlineStyle] }"""
            )
        )
    assert [text for text, _ in stops][:3] == ["MRR", "ARR", "Paying customers"]
    assert {outline for _, outline in stops} == {"solid"}
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kpis/paying_accounts")
