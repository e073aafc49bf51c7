"""The pages of the sources: their commands run as they stand, and every option is on them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from events.sources import source_of
from tests.events.sources.analytics.importing import SAMPLES

PAGES = Path(__file__).parents[4] / "docs" / "sources"
NAMES = ("segment", "posthog", "amplitude")


def blocks(name: str, language: str) -> list[str]:
    """Returns the blocks of a page in a language."""
    text = (PAGES / f"{name}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_lead_to_the_figures(name: str, tmp_path: Path) -> None:
    """From the bytes of the sample, under the name on the page, to the lines on the page."""
    shutil.copy(SAMPLES / f"{name}.ndjson", tmp_path / "events.ndjson")
    (commands,) = blocks(name, "sh")
    (figures,) = blocks(name, "text")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert figures.splitlines()
    assert set(figures.splitlines()) <= set(done.stdout.splitlines())


@pytest.mark.parametrize("name", [*NAMES, "rudderstack"])
def test_every_option_is_on_a_page(name: str) -> None:
    """An option that is not written down is not found."""
    page = "segment" if name == "rudderstack" else name
    text = (PAGES / f"{page}.md").read_text() + (PAGES / "product-analytics.md").read_text()
    options = source_of(name).OPTIONS.model_fields
    assert options
    assert not [option for option in options if f"| `{option}` |" not in text]
