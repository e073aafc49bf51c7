"""The index page right after a flush of a few events: the figures read, and written as HTML."""

from collections.abc import Callable, Mapping
from time import process_time
from typing import Any

from benchmarks.contenders.served import Served, cpu_ms, served
from benchmarks.contenders.turns import config, product, take_turns


def _page(service: Served) -> Callable[[], str]:
    """Returns what renders the page: of old builds cards alone, since then tiles with history."""
    try:
        pages = product("exporters.pages.pages").Pages(service.reading, "0")
    except ModuleNotFoundError:
        page = product("exporters.page").Page("0")
        return lambda: str(page.render(service.reading.take()))
    return lambda: str(pages.at("/", {}).text)


def main() -> None:
    """Folds a few events, publishes and renders, some times whenever told to."""
    given = config()
    service = served(given)
    page = _page(service)
    page()

    def work() -> Mapping[str, Any]:
        flushed = []
        for _ in range(given["scrapes"]):
            service.flush()
            begun_s = process_time()
            page()
            flushed.append(cpu_ms(begun_s))
        return {"flushed_ms": flushed}

    take_turns(work, lambda: f"{page().count('<svg')} plots")


main()
