"""The rule files that ship, as VictoriaMetrics' vmalert reads them, in MetricsQL."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.servers.generation import Generation
from tests.servers.required import available

RULES: Final = Path(__file__).parents[3] / "deploy" / "prometheus" / "rules"

ANSWER_S: Final = 120
"""For one look at the rules, which takes a tenth of a second."""


@pytest.fixture(scope="module")
def vmalert() -> str:
    """The full path of vmalert."""
    with available():
        return Generation.NEWEST.program("vmalert", "")


def complaint(vmalert: str, folder: Path) -> str:
    """What vmalert has against the rules of a folder."""
    done = subprocess.run(
        [vmalert, "-dryRun", f"-rule={folder}/*.yml", "-rule.validateTemplates"],
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWER_S,
    )
    read = f"found {len(list(folder.glob('*.yml')))} files to read"
    assert read in done.stderr, done.stderr
    return "" if done.returncode == 0 else done.stderr


def test_vmalert_accepts_the_rules(vmalert: str) -> None:
    """Every expression parses as MetricsQL, and templates, names and durations are right."""
    assert len(list(RULES.iterdir())) >= 2
    assert complaint(vmalert, RULES) == ""


@pytest.mark.parametrize(
    ("right", "wrong"), [("time() - max", "time( - max"), ("humanizeDuration", "humanizeLater")]
)
def test_vmalert_refuses_a_broken_copy(
    vmalert: str, tmp_path: Path, right: str, wrong: str
) -> None:
    """The check above does check, expressions and templates alike."""
    text = (RULES / "tidemark-service.yml").read_text()
    assert right in text
    (tmp_path / "rules.yml").write_text(text.replace(right, wrong, 1))
    assert wrong.split()[0] in complaint(vmalert, tmp_path)
