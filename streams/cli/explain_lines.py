"""What ``tidemark explain`` says, as lines for people and as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any, Final

from aggregates.catalogue.kpi import KpiUnit
from exporters.wording import NOTHING, change, figure, span
from streams.cli.table import Column, table_lines

Document = Mapping[str, Any]

_INDENT: Final = "\N{MIDDLE DOT} "
"""Before an event below its account."""


def explained_lines(document: Document) -> Iterator[str]:
    """Yields the lines of a document."""
    yield _headline(document)
    if document["by"] == "movement":
        rows = [
            [name.replace("_", " "), _moved(document, amount)] for name, amount in _moves(document)
        ]
        yield from table_lines((Column("movement"), Column("change", right=True)), rows)
    first, *others = _heads(document)
    columns = [Column(first), *(Column(name, right=True) for name in others)]
    yield from table_lines(columns, list(_rows(document)))
    for number, term in enumerate(_own_terms(document), 1):
        yield f"({number}) {term['term']}: {_span(document, term, term['scale'])}"


def _headline(document: Document) -> str:
    about = [document["window"]] if "window" in document else []
    about += [f"{n} {v}" for n, v in {**document["labels"], **document["segment"]}.items()]
    title = document["title"] + (f" ({', '.join(about)})" if about else "")
    line = f"{title}: {_figure(document, document['value'])} at {document['at']}"
    if "since" not in document:
        return line
    moved = _change(document, document["change"])
    return f"{line}, {_figure(document, document['value_since'])} at {document['since']}: {moved}"


def _heads(document: Document) -> list[str]:
    heads = ["account", "effect"] if _has_effects(document) else ["account"]
    if document["by"] == "movement":
        return heads + [name.replace("_", " ") for name, _ in _moves(document)]
    return heads + [f"({number})" for number in range(1, len(_own_terms(document)) + 1)]


def _rows(document: Document) -> Iterator[list[str]]:
    for each in document["accounts"]:
        yield _row(document, each["account"], each)
        for event in each.get("events", ()):
            if "since" not in document or any(held["change"] for held in event["terms"]):
                more = f" and {event['events'] - 1} more that day" if event["events"] > 1 else ""
                name = f"{_INDENT}{event['time']} {event['type']} {event['id']}{more}"
                yield _row(document, name, event)
    rest = document["rest"]
    if rest["accounts"]:
        yield _row(document, f"{rest['accounts']} more", rest)


def _row(document: Document, name: str, each: Mapping[str, Any]) -> list[str]:
    row = [name]
    if _has_effects(document):
        row.append(_change(document, each["effect"]))
    if document["by"] == "movement":
        return row + [_moved(document, each["movements"][name]) for name, _ in _moves(document)]
    terms = _own_terms(document)
    return row + [
        _span(document, held, term["scale"])
        for held, term in zip(each["terms"], terms, strict=bool(terms))
    ]


def _own_terms(document: Document) -> Sequence[Mapping[str, Any]]:
    """Returns the terms that have columns: a single one has none where the effect says the same."""
    terms: Sequence[Mapping[str, Any]] = document["terms"]
    if len(terms) == 1 and (_has_effects(document) or not _every(document)):
        return ()
    return terms


def _has_effects(document: Document) -> bool:
    return any(each["effect"] is not None for each in _every(document))


def _every(document: Document) -> Sequence[Mapping[str, Any]]:
    """Returns the accounts, and all others together if there are any."""
    rest = document["rest"]
    return [*document["accounts"], rest] if rest["accounts"] else document["accounts"]


def _moves(document: Document) -> list[tuple[str, int]]:
    """Returns the movements that there were, also those that came to nothing over all accounts."""
    parts = [document, *_every(document)]
    there = {name for part in parts for name, amount in part["movements"].items() if amount}
    return [(name, amount) for name, amount in document["movements"].items() if name in there]


def _moved(document: Document, amount: float) -> str:
    scale = document["terms"][0]["scale"]
    return _change(document, amount / scale) if amount else NOTHING


def _span(document: Document, held: Mapping[str, Any], scale: int) -> str:
    amounts = [held[name] for name in ("amount_since", "amount") if name in held]
    return span(amounts, scale, document["currency"])


def _figure(document: Document, value: float | None) -> str:
    unit, currency = KpiUnit(document["unit"]), document["currency"]
    return figure(nan if value is None else value, unit, currency)


def _change(document: Document, value: float | None) -> str:
    unit, currency = KpiUnit(document["unit"]), document["currency"]
    if "since" not in document:
        return _figure(document, value)
    return change(nan if value is None else value, unit, currency)


def csv_lines(document: Document) -> Iterator[str]:
    """Yields a document as CSV: a row for each account, or for each event of each account.

    The last row, without an account, is of all others together, so that columns add up.
    """
    terms, movements = document["terms"], list(document.get("movements", ()))
    is_change = "since" in document
    heads = ["account"]
    if document["by"] == "event":
        heads += ["time", "type", "id"]
    heads += ["effect"]
    for term in terms:
        heads += [f"{term['term']} since", term["term"]] if is_change else [term["term"]]
    if document["by"] == "movement":
        heads += movements
    yield _csv(heads)
    for each in _every(document):
        for row in each.get("events", [each]):
            cells: list[Any] = [each.get("account", "")]
            if document["by"] == "event":
                cells += [row.get("time"), row.get("type"), row.get("id")]
            cells.append(row["effect"])
            for held in row["terms"]:
                cells += [held["amount_since"], held["amount"]] if is_change else [held["amount"]]
            if document["by"] == "movement":
                cells += [row["movements"][name] for name in movements]
            yield _csv(cells)


def _csv(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
