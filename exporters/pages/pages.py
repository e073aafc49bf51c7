"""The pages there are, by path, rendered from one reading each."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from aggregates.reading.reader import Reader
from exporters.live_reading import LiveReading, Reading
from exporters.pages.index_page import Page
from exporters.pages.kpi_page import KpiPage, course_csv
from exporters.pages.trend import trends

_HTML: Final = "text/html; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_KPIS: Final = "/kpis/"


class Content(NamedTuple):
    """A page: its type and its text."""

    content_type: str
    text: str


class Pages:
    """Renders pages."""

    def __init__(self, live: LiveReading, version: str) -> None:
        """Takes where readings come from, and the version of this distribution."""
        self._live = live
        self._index = Page(version)
        self._kpi = KpiPage(version)

    def are_at(self, path: str) -> bool:
        """Returns whether there may be a page at a path."""
        return path == "/" or path.startswith(_KPIS)

    def at(self, path: str, query: Mapping[str, str]) -> Content | None:
        """Renders the page at a path; None if there is none."""
        if path == "/":
            return Content(_HTML, self._live.ask(self._rendered))
        name = path.removeprefix(_KPIS)
        is_csv = name.endswith(".csv")
        kpi_id = name.removesuffix(".csv")

        def of_kpi(reading: Reading, reader: Reader) -> Content | None:
            if kpi_id not in reading.catalogue:
                return None
            kpi = reading.catalogue[kpi_id]
            if is_csv:
                return Content(_CSV, course_csv(kpi, query, reading, reader))
            return Content(_HTML, self._kpi.render(kpi, query, reading, reader))

        return self._live.ask(of_kpi)

    def _rendered(self, reading: Reading, reader: Reader) -> str:
        if reading.figures is None:
            return self._index.render(reading, {})
        found = trends(reader, reading.catalogue, reading.edge, reading.currency)
        return self._index.render(reading, found)
