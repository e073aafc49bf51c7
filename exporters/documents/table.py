"""What pages of Markdown are made of: tables, code, formulas."""

from collections.abc import Iterable, Iterator, Sequence

from aggregates.catalogue.kpi import Kpi


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yields the lines of a table.

    >>> list(table(["a", "b"], [["x", "y"]]))
    ['| a | b |', '|---|---|', '| x | y |']
    """
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def code(text: str) -> str:
    """Sets a text as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def formulas(kpi: Kpi) -> list[str]:
    """Returns a KPI's formulas, each after the value of its variant label."""
    return [
        code(v.text) if v.value is None else f"{kpi.variant_label} {v.value}: {code(v.text)}"
        for v in kpi.variants
    ]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")
