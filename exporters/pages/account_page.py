"""The page of an account: every headline as if there were no other account, and what it is."""

import shlex
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from markupsafe import Markup

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, family_title
from aggregates.explanation.account import AccountView
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from exporters.live_reading import Reading
from exporters.pages.plot import sparkline
from exporters.pages.rows import Rows
from exporters.pages.template import template
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

    def render(self, account: str, reading: Reading) -> str | None:
        """Returns the page of an account at the time of a reading; None if it is not known."""
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
            families=families,
            command=shlex.join(
                ["tidemark", "explain", "mrr", "SOURCE", "--account", account, "--by", "event"]
            ),
            version=self._version,
        )


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
        text = "Merged into it, or where tickets of it came from:"
        yield {"text": text, "accounts": view.related}
