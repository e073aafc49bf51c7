"""The pages there are, by path, rendered from one reading each."""

from collections.abc import Hashable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from aggregates.reading.reader import Reader
from exporters.live_reading import LiveReading, Reading
from exporters.pages.account_page import AccountPage
from exporters.pages.choice import left_out
from exporters.pages.course_csv import course_csv
from exporters.pages.events_page import EventsPage
from exporters.pages.index_page import Page
from exporters.pages.kpi_page import KpiPage
from exporters.pages.rows import Named
from exporters.pages.static import STATIC
from exporters.pages.style import POLICY
from exporters.pages.ticker import TickerPage
from exporters.pages.view import CHARS_MAX, View
from exporters.pages.wall import Snapshot
from exporters.pages.walls import Walls
from exporters.pages.why_page import WhyPage
from exporters.site import Asked, Content

_HTML: Final = "text/html; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_KPIS: Final = "/kpis/"
_WHY: Final = "/why"
_ACCOUNT: Final = "/account"
_ACCOUNT_EVENTS: Final = "/account/events"
_EVENTS: Final = "/events"
_PLACES: Final = frozenset({"/", _ACCOUNT, _ACCOUNT_EVENTS, _EVENTS, *STATIC})


_TEXT: Final = "text/plain; charset=utf-8"

_HEADERS: Final = {"Content-Security-Policy": POLICY}

_NOTHING: Final = "there is no such KPI, account or segment by now; / lists KPIs"


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
        self._why = None if rows is None else WhyPage(version, rows, live.calendar)
        self._account = None if rows is None else AccountPage(version, live.calendar, rows)
        self._events = None if rows is None else EventsPage(version, rows, log, live.calendar)
        self._ticker = None if latest is None else TickerPage(version, latest)
        self._walls = Walls(self._ticker)

    def is_slow(self, path: str) -> bool:
        """Returns whether a page is made apart from the others, which do not wait for it."""
        return path in (_ACCOUNT, _ACCOUNT_EVENTS) or (
            path.startswith(_KPIS) and path.endswith(_WHY)
        )

    def are_at(self, path: str) -> bool:
        """Returns whether there may be a page at a path."""
        return path in _PLACES or path.startswith(_KPIS)

    def answer(self, asked: Asked) -> Content:
        """Answers with a page, or with a file of theirs."""
        if (file := STATIC.get(asked.path)) is not None:
            return file.answer(asked.known)
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
            return Rendered(_HTML, self._index_page(query))
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
        return self._of_kpi(name, query)

    def _of_kpi(self, name: str, query: Mapping[str, str]) -> Rendered | None:
        is_csv = name.endswith(".csv")
        kpi_id = name.removesuffix(".csv")

        def rendered(reading: Reading, reader: Reader) -> Rendered | None:
            if kpi_id not in reading.catalogue:
                return None
            kpi = reading.catalogue[kpi_id]
            if not is_csv:
                return Rendered(_HTML, self._kpi.render(kpi, query, reading, reader))
            if left_out(query, reading):  # a table does not say whose figures it has, and of when
                return None
            return Rendered(_CSV, course_csv(kpi, query, reading, reader))

        return self._live.ask(rendered)

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

    def topic(self, query: Mapping[str, str]) -> View:
        """Returns what a listener to the index page listens to."""
        return View.of(query)

    def news(self, topic: Hashable) -> Snapshot:
        """Returns the index page of a view as it is now, part by part."""
        assert isinstance(topic, View), "as it was given out"
        return self._live.ask(self._walls.of(topic).at)

    def _index_page(self, query: Mapping[str, str]) -> str:
        view, asked = View.of(query), query.get("q", "")[:CHARS_MAX]

        def rendered(reading: Reading, reader: Reader) -> str:
            wall = self._walls.of(view).at(reading, reader)
            return self._index.render(reading, wall, view, asked)

        return self._live.ask(rendered)
