"""Foreign bytes cut into records, whole and broken ones."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sources.records import json_records
from tests.examples import examples

LONG = 100_000


def cut(content: str) -> list[tuple[int, str]]:
    """The lines that records begin in, with their text."""
    found = json_records("made.json", BytesIO(content.encode()))
    return [(each.number, each.raw.decode()) for each in found]


@pytest.mark.parametrize("pad", [0, LONG])
@pytest.mark.parametrize("broken", [0, 1, 2])
def test_a_broken_line_costs_itself(broken: int, pad: int) -> None:
    """All other lines are records, be it the first that is cut off, or a first one that is long."""
    lines = [json.dumps({"at": at, "pad": "x" * pad if at == 0 else ""}) for at in range(4)]
    for text in (lines[broken][10:], lines[broken][:-9]):
        written = [text if at == broken else line for at, line in enumerate(lines)]
        assert cut("\n".join(written) + "\n") == list(enumerate(written, 1))


def test_a_broken_document_costs_itself() -> None:
    """It ends before the next that begins a line: inner lines are indented."""
    whole, broken = json.dumps({"a": [1]}, indent=2), json.dumps({"b": {}}, indent=2)[:-5]
    assert cut(f"{broken}\n{whole}\n{broken}\n{whole}") == [
        (1, broken),
        (3, whole),
        (8, broken),
        (10, whole),
    ]


@examples(60)
@given(
    st.lists(
        st.dictionaries(st.text(max_size=3), st.integers() | st.text(), min_size=1), min_size=1
    ),
    st.none() | st.just(2),
    st.sampled_from(["\n", "\r\n", "\n\n", " \n"]),
)
def test_whole_documents_are_cut_as_they_were_joined(
    objects: list[dict[str, int | str]], indent: int | None, between: str
) -> None:
    """However they are laid out, and whatever is between them."""
    written = between.join(json.dumps(each, indent=indent) for each in objects)
    assert [json.loads(text) for _, text in cut(written)] == objects
