"""``tidemark dashboards``: files for Grafana, under the settings in force."""

import json
import os
from pathlib import Path

import pytest

from streams.cli import main


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in an empty folder, without settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TIDEMARK_")]:
        monkeypatch.delenv(name)


def test_it_writes_six_dashboards(capfd: pytest.CaptureFixture[str]) -> None:
    """Each dashboard is a file named by its uid, in a folder that need not exist; what has no KPI
    yet is told on standard error only."""
    assert main(["dashboards", "--out", "new/folder"]) == 0
    said = capfd.readouterr()
    assert said.out == "wrote the dashboards to new/folder\n"
    assert all(line.startswith("tidemark: no KPI yet for ") for line in said.err.splitlines())
    files = sorted(Path("new/folder").iterdir())
    assert len(files) == 6
    for file in files:
        assert f"{json.loads(file.read_text())['uid']}.json" == file.name


def test_it_knows_the_settings() -> None:
    """Time zone, currency and segments are those of ``tidemark.toml``."""
    settings = 'timezone = "Europe/Berlin"\ncurrency = "EUR"\nsegments = ["plan"]\n'
    Path("tidemark.toml").write_text(settings)
    assert main(["dashboards", "--out", "."]) == 0
    text = Path("tidemark-customer-success.json").read_text()
    model = json.loads(text)
    assert model["timezone"] == "Europe/Berlin"
    assert "currencyEUR" in text
    assert "plan" in [variable["name"] for variable in model["templating"]["list"]]


def test_a_folder_that_cannot_be_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """A file where the folder should be ends the command with one line, no traceback."""
    Path("taken").write_text("")
    assert main(["dashboards", "--out", "taken"]) == 1
    assert capfd.readouterr().err == "tidemark: taken: File exists\n"
