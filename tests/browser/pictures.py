"""The pictures of the pages in ``docs/images``: ``make pictures`` draws them anew.

They show a simulated company, the same each time; fonts are those of the machine.
"""

from pathlib import Path
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Browser, ViewportSize

from tests.browser.chromium import ROOT, launched
from tests.browser.service import Service, served

FOLDER: Final = ROOT / "docs" / "images"

BYTES_MAX: Final = 150_000
"""Of a picture: who reads a page waits for it."""


class Picture(NamedTuple):
    """A picture of a page."""

    name: str
    path: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


PICTURES: Final = (
    Picture("page.png", "/", 1180, 760, "light"),
    Picture("phone.png", "/?window=month&segment=enterprise", 375, 760, "dark"),
    Picture("kpi.png", "/kpis/gross_mrr_churn_ratio?days=365", 1100, 800, "light"),
    Picture("why.png", "/kpis/gross_mrr_churn_ratio/why?days=90", 1100, 640, "light"),
)


def draw(browser: Browser, service: Service, picture: Picture, folder: Path) -> Path:
    """Draws a picture; returns its file."""
    size = ViewportSize(width=picture.width, height=picture.height)
    context = browser.new_context(
        base_url=service.url, viewport=size, color_scheme=picture.scheme, locale="en-GB"
    )
    page = context.new_page()
    page.goto(picture.path)
    file = folder / picture.name
    page.screenshot(path=file)
    context.close()
    return file


def main() -> None:
    """Draws all."""
    with launched() as browser, served(accounts=120, days=500) as service:
        for picture in PICTURES:
            file = draw(browser, service, picture, FOLDER)
            size = file.stat().st_size
            assert size <= BYTES_MAX, f"{file} has {size} bytes"


if __name__ == "__main__":
    main()
