"""The pages there are, by path, rendered from one reading each."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from aggregates.reading.reader import Reader
from exporters.live_reading import LiveReading, Reading
from exporters.pages.account_page import AccountPage
from exporters.pages.events_page import EventsPage
from exporters.pages.index_page import Page
from exporters.pages.kpi_page import KpiPage, course_csv
from exporters.pages.rows import Named
from exporters.pages.style import POLICY
from exporters.pages.ticker import TickerPage
from exporters.pages.trend import trends
from exporters.pages.why_page import WhyPage
from exporters.site import Asked, Content

_HTML: Final = "text/html; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_KPIS: Final = "/kpis/"
_WHY: Final = "/why"
_ACCOUNT: Final = "/account"
_ACCOUNT_EVENTS: Final = "/account/events"
_EVENTS: Final = "/events"


_TEXT: Final = "text/plain; charset=utf-8"

_HEADERS: Final = {"Content-Security-Policy": POLICY}

_NOTHING: Final = "there is no such KPI, or no such account by now; / lists KPIs"


class Rendered(NamedTuple):
    """A page: its type and its text."""

    content_type: str
    text: str


class Pages:
    """Renders pages."""

    def __init__(self, live: LiveReading, version: str, named: Named | None = None) -> None:
        """Takes where readings come from.

        Args:
            live: The readings.
            version: The version of this distribution.
            named: What names accounts; None where they are not at hand, or not to be shown.
        """
        rows = None if named is None else named.rows
        latest = None if named is None else named.latest
        log = None if named is None else named.log
        self._live = live
        self._index = Page(version)
        self._kpi = KpiPage(version, has_why=rows is not None)
        self._why = None if rows is None else WhyPage(version, rows)
        self._account = None if rows is None else AccountPage(version, live.calendar, rows)
        self._events = None if rows is None else EventsPage(version, rows, log)
        self._ticker = None if latest is None else TickerPage(version, latest)

    def is_slow(self, path: str) -> bool:
        """Returns whether a page is made apart from the others, which do not wait for it."""
        return path in (_ACCOUNT, _ACCOUNT_EVENTS) or (
            path.startswith(_KPIS) and path.endswith(_WHY)
        )

    def are_at(self, path: str) -> bool:
        """Returns whether there may be a page at a path."""
        return path in ("/", _ACCOUNT, _ACCOUNT_EVENTS, _EVENTS) or path.startswith(_KPIS)

    def answer(self, asked: Asked) -> Content:
        """Answers with a page."""
        page = self.at(asked.path, dict(reversed(asked.query)))  # the first of each name
        if page is None:
            return self.refusal(HTTPStatus.NOT_FOUND, _NOTHING)
        return Content(page.content_type, page.text.encode(), headers=_HEADERS)

    def refusal(self, status: HTTPStatus, text: str) -> Content:
        """Says in a line why there is no page."""
        return Content(_TEXT, f"{text}\n".encode(), status)

    def at(self, path: str, query: Mapping[str, str]) -> Rendered | None:
        """Renders the page at a path; None if there is none."""
        if path == "/":
            return Rendered(_HTML, self._live.ask(self._rendered))
        if path == _ACCOUNT:
            return self._of_account(self._account, query)
        if path == _ACCOUNT_EVENTS:
            return self._of_account(self._events, query)
        if path == _EVENTS:
            if self._ticker is None:
                return None
            return Rendered(_HTML, self._ticker.render(self._live.take().currency))
        name = path.removeprefix(_KPIS)
        if name.endswith(_WHY):
            return self._explained(name.removesuffix(_WHY), query)
        is_csv = name.endswith(".csv")
        kpi_id = name.removesuffix(".csv")

        def of_kpi(reading: Reading, reader: Reader) -> Rendered | None:
            if kpi_id not in reading.catalogue:
                return None
            kpi = reading.catalogue[kpi_id]
            if is_csv:
                return Rendered(_CSV, course_csv(kpi, query, reading, reader))
            return Rendered(_HTML, self._kpi.render(kpi, query, reading, reader))

        return self._live.ask(of_kpi)

    def _of_account(
        self, pages: AccountPage | EventsPage | None, query: Mapping[str, str]
    ) -> Rendered | None:
        if pages is None or "id" not in query:
            return None
        page = pages.render(query["id"], query, self._live.take())
        return None if page is None else Rendered(_HTML, page)

    def _explained(self, kpi_id: str, query: Mapping[str, str]) -> Rendered | None:
        reading = self._live.take()
        if self._why is None or kpi_id not in reading.catalogue:
            return None
        return Rendered(_HTML, self._why.render(reading.catalogue[kpi_id], query, reading))

    def _rendered(self, reading: Reading, reader: Reader) -> str:
        if reading.figures is None:
            return self._index.render(reading, {})
        found = trends(reader, reading.catalogue, reading.edge, reading.currency)
        ticker = "" if self._ticker is None else self._ticker.fragment(reading.currency)
        return self._index.render(reading, found, ticker)
