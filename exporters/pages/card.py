"""A card: one KPI on the index page, as HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite, isinf, nan
from typing import Final

from aggregates.catalogue.kpi import Good, Kpi, KpiUnit
from aggregates.formula.expression import OverKpis
from aggregates.reading.reader import Result
from exporters.pages.plot import sparkline
from exporters.pages.trend import MONTH, WEEK, Trend
from exporters.wording import NOTHING, benchmark, change, figure, window_title

ROWS_MAX: Final = 8
"""Label values that a card lists; the rest is in /metrics, the card says how many."""

_NO_VALUE: Final = f'<span class="nothing" title="no value">{NOTHING}</span>'
_TOO_LARGE: Final = f'<span class="nothing" title="too large to be shown">{NOTHING}</span>'

_AIMS: Final = {
    Good.UP: "\N{UPWARDS ARROW} higher is better",
    Good.DOWN: "\N{DOWNWARDS ARROW} lower is better",
    Good.NONE: "no good direction",
}

_Row = tuple[str, ...]


def card(
    kpi: Kpi, results: Sequence[Result], units: Mapping[str, KpiUnit], trend: Trend | None = None
) -> str:
    """Renders a KPI with its values, formula, direction and target.

    Args:
        kpi: The KPI.
        results: Its values.
        units: The unit of each KPI, for a KPI about others.
        trend: How its headline came to be what it is; None without one.
    """
    parts = [
        f'<article id="{escape(kpi.id)}">',
        f'<div><h3><a href="/kpis/{escape(kpi.id)}">{escape(kpi.title)}</a></h3>'
        f'<code class="id">{escape(kpi.metric)}</code></div>',
        _values(kpi, results, units),
        _trend(kpi, trend),
        f'<p class="aims">{_aims(kpi, results)}</p>',
        f"<details><summary>Formula: <code>{escape(kpi.formula_text)}</code></summary>"
        f"<p>{escape(kpi.description)}</p><p>From {escape(kpi.source)}.</p></details>",
        "</article>",
    ]
    return "\n".join(parts)


def _trend(kpi: Kpi, trend: Trend | None) -> str:
    """Renders the line of the last days, and by how much the headline changed."""
    if trend is None or not any(map(isfinite, trend.values)):
        return ""
    currency = dict(trend.result.labels).get("currency")
    changes = []
    for days, name in ((WEEK, "7 d"), (MONTH, "30 d")):
        moved = trend.since(days)
        if moved is not None:
            text = escape(change(moved, kpi.unit, currency))
            changes.append(f'<span>{name} <b class="{_way(kpi, moved)}">{text}</b></span>')
    window = dict(trend.result.labels).get("window")
    over = f' title="over {escape(window_title(window))}"' if window else ""
    return f'<p class="trend"{over}>{sparkline(trend.values)} {" ".join(changes)}</p>'


def _way(kpi: Kpi, moved: float) -> str:
    """Names whether a change is for the better."""
    if not moved or kpi.good is Good.NONE:
        return "even"
    return "better" if (moved > 0) is (kpi.good is Good.UP) else "worse"


def _values(kpi: Kpi, results: Sequence[Result], units: Mapping[str, KpiUnit]) -> str:
    names = kpi.own_labels
    if not results:
        return f'<p class="value">{_NO_VALUE}</p>'
    if not names and not kpi.windows:
        return f'<p class="value">{_cell(results[0], units)}</p>'
    table: dict[_Row, dict[str, str]] = {}
    for result in results:
        labels = dict(result.labels)
        row = tuple(labels.get(name, "") for name in names)
        table.setdefault(row, {})[labels.get("window", "")] = _cell(result, units)
    places = [{v: n for n, v in enumerate(kpi.values.get(name, ()))} for name in names]

    def declared(item: tuple[_Row, object]) -> list[int]:
        return [place.get(v, len(place)) for place, v in zip(places, item[0], strict=True)]

    shown = sorted(table.items(), key=declared)[:ROWS_MAX]
    return _table(kpi, names, shown) + _more(len(table) - len(shown))


def _table(kpi: Kpi, names: _Row, rows: Sequence[tuple[_Row, dict[str, str]]]) -> str:
    windows = kpi.windows or ("",)
    corner = escape(", ".join(name.replace("_", " ") for name in names))
    kind = "rows" if names else "alone"
    parts = [f'<div class="scroll"><table class="{kind}"><caption>{escape(kpi.title)}</caption>']
    if kpi.windows:
        heads = "".join(
            f'<th scope="col">{escape(window_title(window))}</th>' for window in windows
        )
        first = f'<th scope="col">{corner}</th>' if names else ""
        parts.append(f"<thead><tr>{first}{heads}</tr></thead>")
    parts.append("<tbody>")
    for row, values in rows:
        cells = "".join(f"<td>{values.get(window, _NO_VALUE)}</td>" for window in windows)
        name = escape(", ".join(value or "(none)" for value in row))
        first = f'<th scope="row">{name}</th>' if names else ""
        parts.append(f"<tr>{first}{cells}</tr>")
    parts.append("</tbody></table></div>")
    return "".join(parts)


def _more(count: int) -> str:
    return f'<p class="more">and {count:,} more in /metrics</p>' if count > 0 else ""


def _cell(result: Result, units: Mapping[str, KpiUnit]) -> str:
    labels, value = dict(result.labels), float(result.values[0])
    currency = labels.get("currency", "")
    match result.kpi.variants[0].formula:
        case OverKpis(what="on_target") if isfinite(value):
            return "yes" if value else "no"
        case OverKpis():
            text = figure(value, units[labels["kpi"]], currency)
        case _:
            text = figure(value, result.kpi.unit, currency)
    if text == NOTHING:
        return _TOO_LARGE if isinf(value) else _NO_VALUE
    if currency and text.endswith(currency):
        amount = escape(text.removesuffix(currency))
        return f'{amount}<span class="unit">{escape(currency)}</span>'
    return escape(text)


def _aims(kpi: Kpi, results: Sequence[Result]) -> str:
    aims = f"<span>{_AIMS[kpi.good]}</span>"
    currency = dict(results[0].labels).get("currency") if results else None
    limit = kpi.acceptable
    if limit is not None and limit not in kpi.targets[:1]:
        text = escape(benchmark(limit, kpi.unit, currency))
        aims += f'<span title="otherwise there is an alert">acceptable {text}</span>'
    if not kpi.targets:
        return aims
    target = kpi.targets[0]
    text = f"target {escape(benchmark(target, kpi.unit, currency))}"
    value = float(results[0].values[0]) if results else nan
    if not isfinite(value):
        return f'{aims}<span class="pill" title="{escape(target.name)}">{text}</span>'
    met = target.met(value)
    state, mark = ("met", "\N{CHECK MARK}") if met else ("missed", "\N{BALLOT X}")
    return (
        f'{aims}<span class="pill {state}" title="{escape(target.name)}">'
        f"{mark} {text} {state}</span>"
    )
