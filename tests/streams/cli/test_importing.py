"""``tidemark import``: what it is given wrongly is refused before anything is read or written."""

from pathlib import Path

import pytest

from streams.cli import main


@pytest.mark.parametrize("given", ["prices = 5", "prices = [5]", 'prices = {a = "b"}'])
def test_paths_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    """An option that names files is a list of paths; another value is named."""
    (tmp_path / "options.toml").write_text(given)
    (tmp_path / "events.json").write_text("{}")
    files = [str(tmp_path / "events.json"), "--options", str(tmp_path / "options.toml")]
    assert main(["import", "stripe", *files]) == 1
    assert "import stripe: prices: needs a list of paths" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [["--out", "x", "--report", "x"], ["--out", "events.json"], ["--report", "./events.json"]],
)
def test_a_file_is_not_written_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
) -> None:
    """Events and report go to different files, and neither over what is read."""
    monkeypatch.chdir(tmp_path)
    Path("events.json").write_text("{}")
    assert main(["import", "stripe", "events.json", *more]) == 1
    assert "is named twice" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["events.json"]
    assert Path("events.json").read_text() == "{}"


def test_a_device_may_be_named_twice(tmp_path: Path) -> None:
    """What goes to a device is written over nothing."""
    path = tmp_path / "events.json"
    path.write_text("{}")
    assert main(["import", "stripe", str(path), "--out", "/dev/null", "--report", "/dev/null"]) == 1
