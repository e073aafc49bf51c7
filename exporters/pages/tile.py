"""A tile: one KPI on the index page, with what there is to see at a glance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from aggregates.catalogue.headline import Headline, main_window
from aggregates.catalogue.kpi import Good, Kpi, Target, family_title
from aggregates.catalogue.running import DAY
from exporters.pages.amount import Amount, amount, moved
from exporters.pages.plot import sparkline
from exporters.pages.trend import MONTH, WEEK, Trend
from exporters.pages.view import View
from exporters.wording import benchmark, window_title

ROWS_MAX: Final = 4
"""Label values that a tile lists; the KPI's page has all."""

_SPANS: Final = ((WEEK, "7 d"), (MONTH, "30 d"))


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a figure changed.

    Attributes:
        since: How long ago it was another.
        text: The change.
        share: The same as a share of what it was; empty where that says nothing.
        way: Whether that is ``better``, ``worse`` or ``even``.
        mark: An arrow up or down; empty without a change.
    """

    since: str
    text: str
    share: str
    way: str
    mark: str


@dataclass(frozen=True, slots=True)
class Row:
    """One of several series of a KPI."""

    name: str
    now: Amount
    line: Markup
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """What a tile shows.

    Attributes:
        kpi: The KPI.
        href: Its page.
        over: Its window in words; empty for a figure of the moment.
        odd: Why that is not the window that was chosen; empty if it is.
        rows: Its series: one without a name, or the first of several.
        more: How many others there are.
        running: What is not over yet; empty if nothing is.
        whole: The same of the last whole one.
        latest: What that is.
        target: The target in words; empty without one.
        state: ``met`` or ``missed``; empty where neither is known.
        alert: What would end an alert; empty while there is none.
    """

    kpi: Kpi
    href: str
    over: str
    odd: str
    rows: Sequence[Row]
    more: int
    running: str = ""
    whole: Amount | None = None
    latest: str = ""
    target: str = ""
    state: str = ""
    alert: str = ""

    @property
    def found_by(self) -> str:
        """The words that it is found by."""
        kpi = self.kpi
        return f"{kpi.title} {kpi.id} {kpi.metric} {family_title(kpi.family)}".casefold()


def latest_in_words(span: str) -> str:
    """Names the last whole span.

    >>> latest_in_words("day"), latest_in_words("month")
    ('yesterday', 'last month')
    """
    return "yesterday" if span == DAY else f"last {span}"


def read_over(kpi: Kpi, view: View) -> Kpi:
    """Returns a KPI over the one window that a view shows of it."""
    if not kpi.windows:
        return kpi
    window = view.window if view.window in kpi.windows else main_window(kpi.windows)
    return replace(kpi, windows=(window,))


def tile_of(kpi: Kpi, found: Sequence[Trend], view: View, currency: str) -> Tile:
    """Makes a tile.

    Args:
        kpi: The KPI.
        found: Its trends over the window of ``read_over``.
        view: What is chosen.
        currency: The reporting currency.
    """
    window = next(iter(read_over(kpi, view).windows), "")
    headline = Headline.of(kpi)
    if headline is not None:
        found = [trend for trend in found if headline.has(trend.result.labels)][:1]
    odd = ""
    if view.window and kpi.windows and window != view.window:
        odd = f"it is not read over {window_title(view.window)}"
    own = {"window": window} if window else {}
    query = urlencode({**own, **({"segment": view.segment} if view.segment else {})})
    tile = Tile(
        kpi=kpi,
        href=f"/kpis/{kpi.id}?{query}" if query else f"/kpis/{kpi.id}",
        over=window_title(window) if window else "",
        odd=odd,
        rows=[_row(kpi, trend, currency) for trend in _shown(kpi, found)],
        more=max(len(found) - ROWS_MAX, 0),
    )
    if headline is None or not found:
        return tile
    return _with_states(tile, found[0], headline, view, currency)


def _with_states(tile: Tile, trend: Trend, headline: Headline, view: View, currency: str) -> Tile:
    """Adds what is known of one figure: whether it is running, and what it should be."""
    kpi = tile.kpi
    judged = trend.whole if trend.is_running else trend.now
    if trend.is_running:
        assert trend.span is not None
        latest = latest_in_words(trend.span)
        whole = amount(trend.whole, kpi.unit, currency)
        tile = replace(tile, running=f"running {trend.span}", whole=whole, latest=latest)
    if kpi.targets:
        state = ""
        if isfinite(judged) and _is_usual(headline, trend):
            state = "met" if kpi.targets[0].met(judged) else "missed"
        tile = replace(tile, target=benchmark(kpi.targets[0], kpi.unit, currency), state=state)
    if _breaks(kpi.acceptable, judged) and _is_usual(headline, trend) and not view.segment:
        assert kpi.acceptable is not None
        tile = replace(tile, alert=benchmark(kpi.acceptable, kpi.unit, currency))
    return tile


def _is_usual(headline: Headline, trend: Trend) -> bool:
    """Returns whether a series is over the window that targets and alerts are about."""
    return dict(trend.result.labels).get("window") == headline.window


def _breaks(limit: Target | None, value: float) -> bool:
    return limit is not None and isfinite(value) and not limit.met(value)


def _shown(kpi: Kpi, found: Sequence[Trend]) -> Sequence[Trend]:
    """Returns the first series: declared ones in their order, others from the largest."""
    own = kpi.variants[0].labels
    places = [{v: n for n, v in enumerate(kpi.values.get(name, ()))} for name in own]

    def order(trend: Trend) -> tuple[list[int], float]:
        labels = dict(trend.result.labels)
        names = zip(places, own, strict=True)
        rank = [place.get(labels.get(name, ""), len(place)) for place, name in names]
        return rank, -trend.now if isfinite(trend.now) else float("inf")

    return sorted(found, key=order)[:ROWS_MAX]


def _row(kpi: Kpi, trend: Trend, currency: str) -> Row:
    labels = dict(trend.result.labels)
    names = [labels.get(name) or "(none)" for name in kpi.variants[0].labels]
    is_single = Headline.of(kpi) is not None
    return Row(
        "" if is_single else ", ".join(names),
        amount(trend.now, kpi.unit, currency),
        Markup(sparkline(trend.values)),  # numbers of ours
        list(_changes(kpi, trend, currency)) if is_single else (),
    )


def _changes(kpi: Kpi, trend: Trend, currency: str) -> Iterator[Change]:
    for days, since in _SPANS:
        value = trend.since(days)
        if value is None:
            continue
        share = trend.share_since(days)
        yield Change(
            since,
            moved(value, kpi.unit, currency),
            f"{share:+.1%}" if isfinite(share) else "",
            _way(kpi, value),
            "\N{BLACK UP-POINTING TRIANGLE}" * (value > 0)
            + "\N{BLACK DOWN-POINTING TRIANGLE}" * (value < 0),
        )


def _way(kpi: Kpi, value: float) -> str:
    """Names whether a change is for the better."""
    if not value or kpi.good is Good.NONE:
        return "even"
    return "better" if (value > 0) is (kpi.good is Good.UP) else "worse"
