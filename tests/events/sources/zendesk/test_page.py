"""The page of this source: its commands give its figures, and its tables have everything."""

import csv
import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from events.sources.zendesk import ZendeskOptions
from events.sources.zendesk.zendesk import TICKET_EVENTS
from streams.cli import main
from tests.events.sources.zendesk.story import FIGURES, STORY
from tests.events.sources.zendesk.wire import ACME, BOLT, ndjson

ROOT: Final = Path(__file__).resolve().parents[4]
PAGE: Final = (ROOT / "docs/sources/zendesk.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Returns the page's one block in a language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_from_bodies_to_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two commands, with the file of options, make the figures of the story."""
    monkeypatch.chdir(tmp_path)
    Path("webhooks.ndjson").write_bytes(ndjson(STORY))
    Path("zendesk.toml").write_text(block("text"), encoding="utf-8")
    Path("accounts.csv").write_text(f"theirs,account_id\n{ACME},acme\n{BOLT},bolt\n")
    for command in block("sh").splitlines():
        assert main(shlex.split(command)[1:]) == 0, command
    rows = list(csv.DictReader(Path("figures.csv").read_text(encoding="utf-8").splitlines()))
    found = {
        " ".join([row["kpi"], *filter(None, row["labels"].split(";"))]): float(row["value"])
        for row in rows
    }
    assert {name: found.get(name) for name in FIGURES} == FIGURES


def test_the_tables_have_everything() -> None:
    """Each type that is told, each option and each reason of a gap stands in a table."""
    cells = set(re.findall(r"`([\w.]+)`", PAGE))
    assert cells >= set(TICKET_EVENTS)
    assert cells >= set(ZendeskOptions.model_fields)
    code = (ROOT / "events/sources/zendesk").glob("*.py")
    reasons = {r for p in code for r in re.findall(r'GapError\(\s*"(\w+)"', p.read_text())}
    assert len(reasons) > 10
    assert cells >= reasons
