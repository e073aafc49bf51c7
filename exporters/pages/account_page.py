"""The page of an account: what it is, what its rows say, and every headline of it alone."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, family_title
from aggregates.explanation.account import AccountView
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from exporters.live_reading import Reading
from exporters.pages.events_page import kept_query
from exporters.pages.plot import sparkline
from exporters.pages.rows import Rows
from exporters.pages.template import template
from exporters.pages.told_table import shown
from exporters.pages.trend import MONTH, WEEK, Trend, trends
from exporters.wording import NOTHING, change, figure, window_title

_INTERNAL: Final = "It is an account of the company itself: it counts in no figure."


class AccountPage:
    """Renders accounts."""

    def __init__(self, version: str, calendar: Calendar, rows: Rows) -> None:
        """Takes the version of this distribution, the calendar of figures, and all rows."""
        self._version = version
        self._calendar = calendar
        self._rows = rows
        self._template = template("account.html")

    def render(self, account: str, asked: Mapping[str, str], reading: Reading) -> str | None:
        """Returns the page of an account at the time of a reading; None if it is not known.

        Args:
            account: Its id.
            asked: The query, whose ``kpi``, if there is one, says which change leads here.
            reading: What is known now.
        """
        view = self._rows.account(account)
        if view is None:
            return None
        catalogue = reading.catalogue
        reader = Reader(view.ledger, self._calendar)
        found = trends(reader, catalogue, reading.edge, reading.currency)
        families = [
            {"id": family, "title": family_title(family), "rows": rows}
            for family, kpis in catalogue.families.items()
            if (rows := [_row(kpi, found[kpi.id]) for kpi in kpis if _tells(found.get(kpi.id))])
        ]
        return self._template.render(
            account=account,
            attributes=list(zip(catalogue.policy.segments, view.segment, strict=True)),
            notes=list(_notes(view, catalogue)),
            tables=[shown(table, reading.currency) for table in view.tables(reading.edge)],
            families=families,
            events=f"/account/events?{urlencode(kept_query(account, asked))}",
            why=_why(asked, catalogue),
            version=self._version,
        )


def _why(asked: Mapping[str, str], catalogue: Catalogue) -> dict[str, str] | None:
    """Returns the way back to the change that led here; None if none did."""
    if (name := asked.get("kpi", "")) not in catalogue:
        return None
    query = {key: value for key, value in asked.items() if key not in ("id", "kpi")}
    return {"title": catalogue[name].title, "href": f"/kpis/{name}/why?{urlencode(query)}"}


def _tells(trend: Trend | None) -> bool:
    """Returns whether anything but 0 is in a trend."""
    return trend is not None and any(isfinite(value) and value for value in trend.values)


def _row(kpi: Kpi, trend: Trend) -> dict[str, Any]:
    labels = dict(trend.result.labels)
    currency, window = labels.get("currency"), labels.get("window")
    moved = [trend.since(days) for days in (WEEK, MONTH)]
    week, month = (NOTHING if m is None else change(m, kpi.unit, currency) for m in moved)
    return {
        "id": kpi.id,
        "title": f"{kpi.title} ({window_title(window)})" if window else kpi.title,
        "line": Markup(sparkline(trend.values)),  # numbers of ours
        "now": figure(trend.now, kpi.unit, currency),
        "week": week,
        "month": month,
    }


def _notes(view: AccountView, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    if view.internal:
        yield {"text": _INTERNAL, "accounts": ()}
    if view.target is not None:
        yield {"text": "It was merged; what it had counts for", "accounts": (view.target,)}
    if view.related:
        text = "By merges, moved tickets or transferred subscriptions it has to do with:"
        yield {"text": text, "accounts": view.related}
