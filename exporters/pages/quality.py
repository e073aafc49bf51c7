"""Data quality on the index page: what became of the records that came in, and what to mend."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from exporters.live_reading import Reading
from exporters.quality import LeftOut, quality_of
from exporters.quantity import duration, number

_REJECTED_HEADS: Final = ("Why", "Topic", "Records", "The last one", "What to do")
_IGNORED_HEADS: Final = ("Why", "Topic", "Count", "What to do")


def quality(reading: Reading) -> Iterator[str]:
    """Yields the section about data quality of a reading."""
    found = quality_of(reading)
    yield '<section aria-labelledby="quality"><h2 id="quality">Data quality</h2>'
    if found.is_counted:
        yield (
            f"<p>Counted so far: {_count(found.folded)} events folded, of which "
            f"{_count(found.nothing_new)} told nothing new, and {_count(found.rejected)} records "
            "not folded.</p>"
        )
    else:
        yield "<p>Records are counted by the workers, of whom an exporter tells.</p>"
    for topic, ahead_ms in found.ahead_ms.items():
        yield f"<p><strong>Events of {escape(topic)} lie {duration(ahead_ms / 1_000)} ahead of now:"
        yield "</strong> set the clock of their producer right.</p>"
    if found.orphans:
        yield f"<p><strong>{_count(found.orphans)} tickets are changed and never created:</strong> "
        yield "no other figure has them; let their producer send ticket.created too.</p>"
    if found.not_folded:
        rows = [(*_cells(each), each.example, each.mend) for each in found.not_folded]
        yield from _table("Not folded", _REJECTED_HEADS, rows)
    if found.not_heeded:
        ignored = [(*_cells(each), each.mend) for each in found.not_heeded]
        yield from _table("Not heeded", _IGNORED_HEADS, ignored)
    yield "</section>"


def _cells(each: LeftOut) -> tuple[str, str, str]:
    return f"{each.reason}: {each.means}", each.topic, _count(each.count)


def _table(caption: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"<h3>{caption}</h3><table><caption>{caption}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for first, *others in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
    yield "</tbody></table>"


def _count(count: int) -> str:
    return number(count, 0)
