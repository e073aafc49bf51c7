"""KPI files of the user: over the shipped catalogue, followed, and refused without harm."""

from pathlib import Path

import pytest

from aggregates.catalogue.file import CatalogueError
from streams.kpi_files import KpiFiles
from tests.aggregates.catalogue.kpi_files import kpi
from tests.aggregates.catalogue.kpi_measures import MEASURES

NO_FORMULA = '[[kpi]]\nid = "mrr"\nformula = "no_such_measure"\n'


def written(folder: Path, text: str, name: str = "own.toml") -> Path:
    """Writes a KPI file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_files() -> None:
    """Without files of the user the catalogue is the shipped one."""
    files = KpiFiles(MEASURES, ())
    assert "mrr" in files.current()
    assert files.problem == ""


def test_adds_and_replaces(tmp_path: Path) -> None:
    """A file adds a KPI by id, and replaces only the fields it names of a shipped one."""
    text = kpi() + '\n[[kpi]]\nid = "nps"\ntitle = "Promoters"\n'
    catalogue = KpiFiles(MEASURES, [written(tmp_path, text)]).current()
    assert catalogue["one"].title == "One"
    assert catalogue["nps"].title == "Promoters"
    assert catalogue["nps"].windows == ("90d", "365d")


def test_a_later_file_wins(tmp_path: Path) -> None:
    """Of two files that name a KPI, the later one holds."""
    first = written(tmp_path, kpi(title='"First"'), "a.toml")
    second = written(tmp_path, kpi(title='"Second"'), "b.toml")
    assert KpiFiles(MEASURES, [first, second]).current()["one"].title == "Second"


def test_follows_a_change(tmp_path: Path) -> None:
    """A changed file is in force at the next look; the object before it stays as it was."""
    path = written(tmp_path, kpi())
    files = KpiFiles(MEASURES, [path])
    before = files.current()
    assert files.current() is before
    written(tmp_path, kpi(title='"Another title"'))
    assert files.current()["one"].title == "Another title"
    assert before["one"].title == "One"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NO_FORMULA, "own.toml:2: KPI mrr: "),
        ("[[kpi]\n", "own.toml:1: not TOML"),
        (kpi(formula='"mrr +"'), "KPI one: "),
    ],
)
def test_keeps_the_last_good_one(tmp_path: Path, text: str, said: str) -> None:
    """A file that turns bad is named with line and reason, changes nothing, and can be mended."""
    path = written(tmp_path, kpi())
    files = KpiFiles(MEASURES, [path])
    good = files.current()
    written(tmp_path, text)
    assert files.current() is good
    assert said in files.problem
    written(tmp_path, kpi(title='"Mended"'))
    assert files.current()["one"].title == "Mended"
    assert files.problem == ""


def test_keeps_the_last_good_one_when_a_file_goes(tmp_path: Path) -> None:
    """A file that goes away is a problem, and what it said stays in force."""
    path = written(tmp_path, kpi())
    files = KpiFiles(MEASURES, [path])
    path.unlink()
    assert "one" in files.current()
    assert "own.toml:1: cannot be read" in files.problem


def test_refuses_at_the_start(tmp_path: Path) -> None:
    """There is no last good one at the start: a bad or missing file is an error with its name."""
    with pytest.raises(CatalogueError, match=r"own\.toml:2: KPI mrr: "):
        KpiFiles(MEASURES, [written(tmp_path, NO_FORMULA)])
    with pytest.raises(CatalogueError, match=r"none\.toml:1: cannot be read"):
        KpiFiles(MEASURES, [tmp_path / "none.toml"])
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(CatalogueError, match=r"latin\.toml:1: not UTF-8"):
        KpiFiles(MEASURES, [tmp_path / "latin.toml"])
