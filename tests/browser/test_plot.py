"""Plots in a browser: values are read off them by keys and by pointer, and match the table."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener


def told(page: Page) -> str:
    """Returns what the first plot tells."""
    return page.locator(".plot.large .told").inner_text()


def row(page: Page, number: int) -> list[str]:
    """Returns a row of the table of values, the newest first."""
    cells = page.locator("#course ~ details tbody tr").nth(number)
    return cells.locator("th, td").all_text_contents()


def test_arrow_keys_tell_the_values(opened: Opener) -> None:
    """From the newest value backward, to the first, as the table has them."""
    page = opened("/kpis/mrr?days=30")
    page.locator(".plot.large").focus()
    page.keyboard.press("ArrowLeft")
    time, value, before = row(page, 1)
    assert told(page) == f"{time[:16].replace('T', ' ')}: {value}; the time before {before}"
    page.keyboard.press("Home")
    assert told(page).startswith(row(page, 30)[0][:10])
    page.keyboard.press("End")
    assert row(page, 0)[1] in told(page)


def test_a_pointer_tells_the_values(opened: Opener) -> None:
    """At the right end of the plot is the newest value."""
    page = opened("/kpis/mrr?days=30")
    box = page.locator(".plot.large svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    expect(page.locator(".plot.large .told")).to_contain_text(row(page, 0)[1])
    expect(page.locator(".plot.large .cursor")).to_have_css("visibility", "visible")


def test_a_range_of_ones_own_is_asked_for_by_form(opened: Opener) -> None:
    """Days, points and segment stand in the address; the link to CSV asks for the same."""
    page = opened("/kpis/customer_churn_ratio?window=month")
    page.get_by_label("From").fill("2025-12-01")
    page.get_by_label("To", exact=True).fill("2026-01-31")
    page.get_by_label("A point each").select_option("week")
    page.locator("select[name=segment]").select_option("smb")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**from=2025-12-01&to=2026-01-31&points=week&segment=smb")
    assert "window=month" in page.url
    assert page.locator("#course ~ details tbody tr").count() == 9
    assert row(page, 0)[0] == "2026-02-01T00:00:00Z"
    csv = page.get_by_role("link", name="CSV").get_attribute("href") or ""
    assert "from=2025-12-01" in csv
    assert "segment=smb" in csv
