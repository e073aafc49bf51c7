"""Files and streams as plain bytes, compressed or not; what cannot be read is told."""

import gzip
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.local.plain import PlainStream
from streams.local.sources import FileSource
from streams.source import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def zstd_of(content: bytes) -> bytes:
    """One frame of Zstandard."""
    packed: bytes = zstd.compress(content)
    return packed


LINES = [b'{"n": %d}\n' % n for n in range(2_000)]
TEXT = b"".join(LINES)
MARK = b"\xef\xbb\xbf"
PACKED = {
    "plain": TEXT,
    "gz": gzip.compress(TEXT),
    "gz of two members": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "zstd": zstd_of(TEXT),
    "zstd of two frames": zstd_of(TEXT[:100]) + zstd_of(TEXT[100:]),
    "marked": MARK + TEXT,
}


def written(folder: Path, content: bytes) -> str:
    """A file with some content."""
    path = folder / "f"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("form", PACKED)
def test_a_file_is_its_lines_however_it_is_packed(tmp_path: Path, form: str) -> None:
    """The same lines, and at the end as many bytes are done as the file has."""
    source = FileSource(written(tmp_path, PACKED[form]))
    assert [line for batch in source.batches() for line in batch] == LINES
    assert source.done == source.size == len(PACKED[form])
    assert source.form is None


def test_a_mark_within_a_packed_file_is_none_of_its_text(tmp_path: Path) -> None:
    """It is taken off after unpacking too."""
    source = FileSource(written(tmp_path, gzip.compress(MARK + TEXT)))
    assert next(source.batches())[0] == LINES[0]


@pytest.mark.parametrize("form", ["gz", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "broken"])
def test_what_is_damaged_is_told(tmp_path: Path, form: str, damage: str) -> None:
    """In our words, and after the lines before it."""
    content = PACKED[form]
    half = len(content) // 2
    content = content[:half] if damage == "cut" else content[:half] + b"\xff" * 40
    with pytest.raises(SourceError, match="f: what is compressed is damaged or cut off"):
        list(FileSource(written(tmp_path, content)).batches())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_utf_16_is_told(tmp_path: Path, encoding: str) -> None:
    """Text of two bytes a character with a mark is named; without one its form is."""
    with pytest.raises(SourceError, match="it is written in UTF-16"):
        list(FileSource(written(tmp_path, TEXT.decode().encode(encoding))).batches())
    source = FileSource(written(tmp_path, TEXT.decode().encode("utf-16-le")))
    next(source.batches())
    assert source.form is not None
    assert source.form.name == "utf_16"


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    """Blank lines are left out and counted."""
    source = FileSource(written(tmp_path, b"\na\n \nb\nc"))
    assert [list(batch) for batch in source.batches()] == [[b"a\n", b"b\n", b"c"]]
    assert list(source.numbers) == [2, 4, 5]


def test_numbers_go_on_over_batches(tmp_path: Path) -> None:
    """Every line of a file that is read in several goes has its own."""
    source = FileSource(written(tmp_path, b"x" * 1_000 + b"\n" + (b"y" * 1_000 + b"\n") * 5_000))
    numbers = [number for _ in source.batches() for number in source.numbers]
    assert numbers == list(range(1, 5_002))


@pytest.mark.parametrize("form", PACKED)
@given(sizes=st.lists(st.integers(1, 3_000), max_size=8))
def test_a_stream_is_the_same_in_any_pieces(form: str, sizes: list[int]) -> None:
    """However a pipe cuts it, its plain bytes are the same."""
    stream, content, plain = PlainStream("-"), PACKED[form], b""
    for size in [*sizes, len(content)]:
        if content:
            plain += stream.take(content[:size])
            content = content[size:]
    assert plain + stream.take(b"") == TEXT


def test_a_stream_tells_what_it_cannot_read() -> None:
    """UTF-16 at once, what is cut off at the end, what is damaged where it is."""
    with pytest.raises(SourceError, match=r"-: it is written in UTF-16"):
        PlainStream("-").take(TEXT.decode().encode("utf-16"))
    cut = PlainStream("-")
    cut.take(PACKED["gz"][:100])
    with pytest.raises(SourceError, match="-: what is compressed is damaged or cut off"):
        cut.take(b"")
    with pytest.raises(SourceError, match="damaged"):
        PlainStream("-").take(b"\x1f\x8b" + b"\xff" * 40)


@pytest.mark.parametrize("form", PACKED)
def test_live_lines_of_standard_input(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """A pipe that stays open gives its lines as they come, numbered, the last without an end."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as file, os.fdopen(writer, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(file.raw)))
        source = FileSource("-")
        lines = source.lines(0.01)
        assert next(lines) == []
        pipe.write(PACKED[form] if form != "plain" else b"a\n\nb")
        pipe.close()
        found, numbers = [], []
        for batch in lines:
            found += batch
            numbers += list(source.numbers) if batch else []
    if form == "plain":
        assert (found, numbers) == ([b"a", b"b"], [1, 3])
    else:
        assert [each + b"\n" for each in found] == LINES
