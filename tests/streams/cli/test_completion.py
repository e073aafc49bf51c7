"""Completion in a real bash: commands, options, choices, files and KPIs."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from streams.cli import COMMANDS, main
from streams.cli.completion import SHELLS

BASH = shutil.which("bash")

ASK = """
source ./script
complete -p tidemark | grep -q -- '-F _shtab_tidemark ' || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
_shtab_tidemark tidemark "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""Asks the function that the script registers, as readline would."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script for bash, a file of events and a folder."""
    path = tmp_path_factory.mktemp("completion")
    with pytest.MonkeyPatch.context() as patch, (path / "script").open("w") as script:
        patch.chdir(path)
        patch.setattr("sys.stdout", script)
        assert main(["completion", "bash"]) == 0
    (path / "events.ndjson").touch()
    (path / "evening").mkdir()
    return path


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("tidemark rep", {"replay"}),
        ("tidemark dead-letters ", {"list", "replay"}),
        ("tidemark replay --form", {"--format"}),
        ("tidemark replay --format ", {"json", "csv", "openmetrics", "table"}),
        ("tidemark replay --at now --kpi net_rev", {"net_revenue_retention_ratio"}),
        ("tidemark replay --kpi mrr --kpi np", {"nps"}),
        ("tidemark kpis net_rev", {"net_revenue_retention_ratio"}),
        ("tidemark replay eve", {"events.ndjson", "evening"}),
        ("tidemark docs --out ev", {"evening"}),
        ("tidemark import str", {"stripe"}),
        ("tidemark import stripe --pri", {"--prices"}),
        ("tidemark worker --log-format ", {"text", "json"}),
        ("tidemark completion ", set(SHELLS)),
    ],
)
def test_bash_offers(line: str, offered: set[str], folder: Path) -> None:
    """What may follow, and nothing else."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", ASK, "bash", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_knows_each_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a script of that shell, with the KPIs of the catalogue in force."""
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in script] == []
    assert "net_revenue_retention_ratio" in script
