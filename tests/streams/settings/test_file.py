"""The file of settings: every value is found on the line on which it is written."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.settings import SettingsError
from streams.settings.file import Place, SettingsFile, read_file
from tests.examples import examples

TEXT = '''\
# comment
port = 9108

segments = ["segment", # with a comment
    "region",

    """multi
line""", "plan"]
further_windows.nps = ["30d"]
exchange_rates.EUR = [
    {rate = 1.1},
    # [not a head]
    {valid_from = "2026-01-01T00:00:00Z", rate = 1.2},
]
type_prefix = """
[[not.a.head]]
port = 1
"""

[sla_targets]
high = {first_response_minutes = 60}
[sla_targets."very low"]
resolution_minutes = 5

[[schedules.default]]
timezone = "UTC"
[schedules.default.hours]
mon = [
    "09:00-12:00", "13:00-17:00",
]
[[schedules.default]]
[schedules.default.hours]
tue = ["09:00-12:00"]
[[schedules.other]]
'''

LINES: list[tuple[Place, int | None]] = [
    (("port",), 2),
    (("segments",), 4),
    (("segments", 0), 4),
    (("segments", 1), 5),
    (("segments", 2), 8),
    (("segments", 3), 8),
    (("further_windows",), 9),
    (("further_windows", "nps", 0), 9),
    (("exchange_rates", "EUR"), 10),
    (("exchange_rates", "EUR", 0, "rate"), 11),
    (("exchange_rates", "EUR", 1, "rate"), 13),
    (("exchange_rates", "EUR", 1, "missing"), 13),
    (("type_prefix",), 15),
    (("sla_targets",), 20),
    (("sla_targets", "high", "first_response_minutes"), 21),
    (("sla_targets", "very low"), 22),
    (("sla_targets", "very low", "resolution_minutes"), 23),
    (("schedules",), 25),
    (("schedules", "default", 0, "hours"), 27),
    (("schedules", "default", 0, "hours", "mon"), 28),
    (("schedules", "default", 0, "hours", "mon", 1), 29),
    (("schedules", "default", 1), 31),
    (("schedules", "default", 1, "hours", "tue", 0), 33),
    (("schedules", "other", 0, "hours"), 34),
    (("listen",), None),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("place", "line"), LINES)
def test_a_value_is_found(place: Place, line: int | None, newline: str) -> None:
    """On its own line, also inside a list over several; a missing one where it would stand."""
    file = SettingsFile(Path("x.toml"), TEXT.replace("\n", newline))
    assert file.line_of(place) == line


STATEMENTS: list[tuple[str, Any]] = [
    ("{} = 1", ()),
    ("  {} = 'a # b' # c", ()),
    ("{} = [\n  1,\n  # ]\n  2\n]", [((0,), 1), ((1,), 3)]),
    ("{}.in.ner = {{a = [1, 2]}}", [(("in", "ner", "a", 1), 0)]),
    ("{} = '''\n\n[x]\ny = 1'''", ()),
    ("[[{}]]\na = 1\n[[{}]]\nb = [{{c = 1}},\n{{c = 2}}]", [((1, "b", 0), 3), ((1, "b", 1), 4)]),
    ("[{}]\n\n a = 1", [(("a",), 2)]),
    ("[[{0}.x]]\n[[{0}.x]]\n[{0}.x.y]\nz = 1", [(("x", 1, "y", "z"), 3), (("x", 0), 0)]),
]
"""What may follow one another in a file, and the places below its name by lines below its first."""


@examples(60)
@given(
    st.lists(st.sampled_from(STATEMENTS[:5]), max_size=6),
    st.lists(st.sampled_from(STATEMENTS[5:]), max_size=6),
    st.lists(st.sampled_from(["", "# x", "\t"]), min_size=1, max_size=4),
)
def test_law_every_place_is_found(
    plain: list[tuple[str, Any]], tables: list[tuple[str, Any]], between: list[str]
) -> None:
    """However statements follow one another, with whatever between them, each is on its line."""
    text, wanted = "", {}
    for number, (form, inner) in enumerate([*plain, *tables]):
        name = f"k{number}"
        first = text.count("\n") + 1
        wanted[(name,)] = first
        wanted |= {(name, *place): first + below for place, below in inner}
        text += "\n".join([form.format(name, name), *between, ""])
    file = SettingsFile(Path("x.toml"), text)
    assert {place: file.line_of(place) for place in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nport = \n", "2:8: no value of TOML"),
        ("timezone = Europe/Berlin", "1:12: no value of TOML: a text stands in"),
        ("ces_reversed = True", "1:16: no value of TOML"),
        ("timezone: 'UTC'", "1:9: a setting is written as: name = value"),
        ("port = 1 listen = 2", "1:10: one setting a line"),
        ("port = 1\nport = 2", "2: it is set a second time"),
        ("[a]\n[a]", "2:3: it is set a second time"),
        ("segments = ['a',\n  'b'\n\n", "1: a list is not closed: ] is missing"),
        ("a = 1\ntimezone = 'UTC\nport = 1", "2: a text is not closed: ' is missing"),
        ("timezone = 'UTC\na = 'b'", "1:16: a text ends on its line: ' is missing"),
        ('timezone = "UTC\nport = 1', '1:16: a text ends on its line: " is missing'),
        ('port = 1\na = """UTC\nport = 1\n\n', "2: a text is not closed"),
        ("[schedules", "1: a table's line ends with ]"),
        ("a = {b = 1}\n[a.c]", "2:5: it is set a second time"),
        ("a = {b = 1}\na.c = 2", "2: a table in {braces} is whole"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, said: str) -> None:
    """Line and column come first, then what is to be done."""
    with pytest.raises(SettingsError) as refused:
        SettingsFile(Path("tidemark.toml"), text)
    assert str(refused.value).startswith(f"tidemark.toml:{said}")


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    """What is no UTF-8 is told by line; a mark of the byte order, which some editors write, is
    taken."""
    path = tmp_path / "tidemark.toml"
    path.write_bytes(b"\xef\xbb\xbfport = 1\n")
    assert read_file(path).table == {"port": 1}
    path.write_bytes(b"port = 1\ntype_prefix = '\xe4'\n")
    with pytest.raises(SettingsError, match=r"tidemark\.toml:2: the file is not written in UTF-8"):
        read_file(path)
    with pytest.raises(SettingsError, match="Is a directory"):
        read_file(tmp_path)
