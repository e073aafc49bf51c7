"""What pages of Markdown are made of: blocks, tables, code, formulas."""

from collections.abc import Iterable, Sequence

from aggregates.catalogue.kpi import Kpi


def page(blocks: Iterable[str]) -> str:
    """Returns a page of blocks, such as headings, paragraphs and tables."""
    return "\n\n".join(blocks) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table.

    >>> table(["a", "b"], [["x", "y"]]).splitlines()
    ['| a | b |', '|---|---|', '| x | y |']
    """
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines)


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
