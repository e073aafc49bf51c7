"""What commands print and write: nothing that steers a terminal, nothing half done."""

import subprocess
import sys
from pathlib import Path

import pytest

from events.errors import TidemarkError
from streams.cli import main
from streams.cli.files import opened
from streams.cli.terminal import plain


def test_names_do_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What comes from outside is written out where it would colour, move or turn the text."""
    assert main(["replay", "--at", "2026-01-01T00:00:00Z", "no\x1b[31m\x9b\u202efile"]) == 1
    said = capsys.readouterr().err
    assert r"no\x1b[31m\x9b\u202efile" in said
    assert not set("\x1b\x9b\u202e") & set(said)


def test_text_stays_as_it_is() -> None:
    """Lines, tabs and letters of any script are text; a half of a surrogate pair is none."""
    text = "één\tläufer\n日本\U0001f600"
    assert plain(text) == text
    assert plain("\ud83d") == r"\ud83d"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_an_error_by_name() -> None:
    """No traceback, and an exit code that a script can see."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [Path(sys.executable).with_name("tidemark"), "kpis"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was there stays until all is written, also behind a link."""
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    path.write_bytes(b"before")
    link.symlink_to(path)

    def write_half() -> None:
        with opened(str(link)) as file:
            file.write(b"half")
            raise TidemarkError("wrong")

    with pytest.raises(TidemarkError, match="wrong"):
        write_half()
    assert path.read_bytes() == b"before"
    with opened(str(link)) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_who_may_read_a_file_stays(tmp_path: Path) -> None:
    """A file that only its owner could read is not open to others when it is written anew."""
    path = tmp_path / "customers.csv"
    path.touch(mode=0o600)
    with opened(str(path)) as file:
        file.write(b"after")
        while_written = [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()]
    assert while_written == [0o600, 0o600]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == b"after"
