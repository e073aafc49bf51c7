"""The ticker: what happened lately and what it changed, for the index and a page of its own."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from aggregates.explanation.happening import Happening
from aggregates.explanation.headline_changes import HeadlineChange
from exporters.pages.rows import Latest
from exporters.pages.template import template
from exporters.wording import change, window_title

SHORT: Final = 5
"""Events on the index page."""

CHANGES_MAX: Final = 5
"""Headlines that are told of one event."""


class TickerPage:
    """Renders what happened lately."""

    def __init__(self, version: str, latest: Latest) -> None:
        """Takes the version of this distribution, and who knows what happened."""
        self._version = version
        self._latest = latest
        self._fragment = template("ticker.html")
        self._page = template("events.html")

    @property
    def newest(self) -> Sequence[Happening]:
        """What happened last, if anything did: what makes the fragment another one."""
        return self._latest.latest()[:1]

    def fragment(self, currency: str, count: int = SHORT) -> str:
        """Returns the newest events as a section of a page."""
        rows = [told(each, currency) for each in self._latest.latest()[:count]]
        return self._fragment.render(rows=rows, whole=False)

    def render(self, currency: str) -> str:
        """Returns the page of all events that are kept."""
        rows = [told(each, currency) for each in self._latest.latest()]
        return self._page.render(rows=rows, whole=True, version=self._version)


def told(happening: Happening, currency: str) -> dict[str, Any]:
    """Returns an event as templates show it."""
    moment = moment_of(happening.at_ms)
    shown = _family_by_family(happening.changes)[:CHANGES_MAX]
    return {
        "time": moment[-9:-1],
        "moment": moment,
        "type": in_words(happening.type),
        "id": happening.id,
        "accounts": happening.accounts,
        "changes": [changed(each, currency) for each in shown],
        "more": len(happening.changes) - len(shown),
        "count": happening.count,
        "others": happening.others,
    }


def _family_by_family(changes: Sequence[HeadlineChange]) -> list[HeadlineChange]:
    """Returns changes so that the first of each family of KPIs come first, then the second ones."""
    counts: Counter[str] = Counter()
    placed = []
    for headline in changes:
        placed.append((counts[headline.kpi.family], headline))
        counts[headline.kpi.family] += 1
    return [each for _, each in sorted(placed, key=itemgetter(0))]


def moment_of(at_ms: int) -> str:
    """Writes an instant, ms of the epoch, to the second.

    >>> moment_of(1_234)
    '1970-01-01T00:00:01Z'
    """
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def in_words(event_type: str) -> str:
    """Writes the type of an event.

    >>> in_words("ticket.agent_assignment_changed")
    'ticket agent assignment changed'
    """
    return event_type.replace(".", " ").replace("_", " ")


def changed(headline: HeadlineChange, currency: str) -> dict[str, Any]:
    """Returns the change of a headline as templates show it."""
    kpi, scale = headline.kpi, headline.scale

    def amount(of: int | float) -> str:
        return change(of / scale, kpi.unit, currency)

    names = [(name.replace("_", " "), amount(of)) for name, of in headline.movements.items()]
    one = len(names) == 1
    return {
        "id": kpi.id,
        "title": kpi.title,
        "window": window_title(headline.window) if headline.window else "",
        "amount": amount(headline.amount),
        "movements": [name if one else f"{name} {of}" for name, of in names],
        "is_rise": headline.amount > 0,
    }
