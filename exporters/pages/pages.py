"""The pages there are, by path, rendered from one reading each."""

from collections.abc import Hashable, Mapping
from typing import Final, NamedTuple

from aggregates.reading.reader import Reader
from exporters.live_reading import LiveReading, Reading
from exporters.pages.account_page import AccountPage
from exporters.pages.course_csv import course_csv
from exporters.pages.index_page import Page
from exporters.pages.kpi_page import KpiPage
from exporters.pages.rows import Rows
from exporters.pages.view import CHARS_MAX, View
from exporters.pages.wall import Snapshot
from exporters.pages.walls import Walls
from exporters.pages.why_page import WhyPage

_HTML: Final = "text/html; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_KPIS: Final = "/kpis/"
_WHY: Final = "/why"
_ACCOUNT: Final = "/account"


class Content(NamedTuple):
    """A page: its type and its text."""

    content_type: str
    text: str


class Pages:
    """Renders pages."""

    def __init__(self, live: LiveReading, version: str, rows: Rows | None = None) -> None:
        """Takes where readings come from.

        Args:
            live: The readings.
            version: The version of this distribution.
            rows: Those behind the figures; None where accounts are not to be shown.
        """
        self._live = live
        self._index = Page(version)
        self._walls = Walls()
        self._kpi = KpiPage(version, has_why=rows is not None)
        self._why = None if rows is None else WhyPage(version, rows)
        self._account = None if rows is None else AccountPage(version, live.calendar, rows)

    def is_slow(self, path: str) -> bool:
        """Returns whether a page is made apart from the others, which do not wait for it."""
        return path == _ACCOUNT or (path.startswith(_KPIS) and path.endswith(_WHY))

    def are_at(self, path: str) -> bool:
        """Returns whether there may be a page at a path."""
        return path in ("/", _ACCOUNT) or path.startswith(_KPIS)

    def at(self, path: str, query: Mapping[str, str]) -> Content | None:
        """Renders the page at a path; None if there is none."""
        if path == "/":
            return Content(_HTML, self._index_page(query))
        if path == _ACCOUNT:
            if self._account is None or "id" not in query:
                return None
            page = self._account.render(query["id"], self._live.take())
            return None if page is None else Content(_HTML, page)
        name = path.removeprefix(_KPIS)
        if name.endswith(_WHY):
            return self._explained(name.removesuffix(_WHY), query)
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

    def _explained(self, kpi_id: str, query: Mapping[str, str]) -> Content | None:
        reading = self._live.take()
        if self._why is None or kpi_id not in reading.catalogue:
            return None
        return Content(_HTML, self._why.render(reading.catalogue[kpi_id], query, reading))

    def topic(self, query: Mapping[str, str]) -> View:
        """Returns what a listener to the index page listens to."""
        return View.of(query)

    def news(self, view: Hashable) -> Snapshot:
        """Returns the index page of a view as it is now, part by part."""
        assert isinstance(view, View)
        return self._live.ask(self._walls.of(view).at)

    def _index_page(self, query: Mapping[str, str]) -> str:
        view, asked = View.of(query), query.get("q", "")[:CHARS_MAX]

        def rendered(reading: Reading, reader: Reader) -> str:
            return self._index.render(
                reading, self._walls.of(view).at(reading, reader), view, asked
            )

        return self._live.ask(rendered)
