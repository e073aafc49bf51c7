"""The pages on CSV, Formbricks and Typeform: they name every option, and what they ship works."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from events.sources.csv_rows.mapping import Cell, Condition, Mapping, Rule
from events.sources.formbricks import FormbricksOptions
from events.sources.formbricks import Question as FormbricksQuestion
from events.sources.typeform import Question as TypeformQuestion
from events.sources.typeform import TypeformOptions
from tests.events.sources.csv_rows.mapped import told
from tests.events.sources.importing import assert_accepted
from tests.events.sources.test_formbricks import NPS, hook
from tests.events.sources.test_formbricks import told as told_by_hooks

DOCS = Path(__file__).parents[3] / "docs" / "sources"

EXPORT = """\
"No.","Response ID","Timestamp","Finished","Survey ID","Formbricks ID (internal)","User ID",\
"Tags","1. How likely are you to recommend us?","2. Why?","person.company"
1,"resp_1","2026-03-16 08:40:00 UTC","Yes","sv_1","con_1","user_3","","9","","acme"
2,"resp_2","2026-03-16 16:50:00 GMT+8","No","sv_1","con_2","","new, old","0","'=1+1","globex"
3,"resp_3","2026-03-16 09:00:00 UTC","No","sv_1","con_3","","","","","globex"
"""


@pytest.mark.parametrize(
    ("page", "models"),
    [
        ("csv", [Mapping, Rule, Condition, Cell]),
        ("formbricks", [FormbricksOptions, FormbricksQuestion]),
        ("typeform", [TypeformOptions, TypeformQuestion]),
    ],
)
def test_a_page_has_every_option(page: str, models: list[type[BaseModel]]) -> None:
    """With all keys of the tables in it."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:\[\[)?(\w+)(?:\]\])?`", text))
    assert {name for model in models for name in model.model_fields} - named == set()


@pytest.mark.parametrize(
    ("page", "modules"),
    [("csv", "csv_rows/*.py"), ("formbricks", "formbricks.py"), ("typeform", "typeform.py")],
)
def test_a_page_has_every_reason(page: str, modules: str) -> None:
    """Each gap of the source is in the table that says what to do about it."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    sources = Path(__file__).parents[3] / "events" / "sources"
    code = "".join(path.read_text(encoding="utf-8") for path in sources.glob(modules))
    found = set(re.findall(r'(?:GapError\(|fault = \()\s*"(\w+)"', code)) - {"no_header"}
    assert len(found) >= 4
    assert found - set(re.findall(r"`(\w+)`", text)) == set()


def ready_made(name: str) -> str:
    """A mapping that is shipped, which says itself what to adapt."""
    return (DOCS / "csv" / name).read_text(encoding="utf-8")


def test_every_ready_made_mapping_is_one() -> None:
    """No file in the folder is refused."""
    paths = sorted((DOCS / "csv").glob("*.toml"))
    assert paths
    for path in paths:
        Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_export_of_formbricks_tells_the_answers_of_its_webhooks() -> None:
    """Under the ids of the webhooks' answers, so that importing both counts each once."""
    export = told(ready_made("formbricks.toml"), EXPORT)
    assert export.gaps == []
    assert (len(export.lines), export.out.passed.total()) == (2, 1)
    assert_accepted(export.lines)
    more: dict[str, Any] = {"questions": [NPS]}
    [webhook] = told_by_hooks(hook("responseFinished"), **more).data
    assert export.data[0] == webhook
    assert [event["time"] for event in export.events] == [
        "2026-03-16T08:40:00Z",
        "2026-03-16T08:50:00Z",
    ]
