"""The schema for editors: current, described, and as strict as the loader where a schema can be."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from streams.settings import Settings, load_settings
from streams.settings.file import FILE, SettingsFile
from streams.settings.schema import SCHEMA_FILE, allowed_values, schema_text, settings_schema
from tests.conftest import Golden
from tests.streams.settings.test_faults import MISTAKES

DEPLOYED = Path(__file__).parents[3] / "deploy" / "schemas" / SCHEMA_FILE

BEYOND = (
    "is no name of a label",
    "unknown time zone",
    "is no interval",
    "unknown window",
    "a share lies",
    "a milestone is named once",
    "an exchange rate is above",
    "at least one component",
    "health_red_max is above",
    "does not use it",
    "a month has more than",
    "needs a number, or a quotient",
    "needs a date",
    "needs a time",
    "not 2026-01-01T00:00:00",
)
"""What a schema cannot say, or not so that editors check it."""


def errors(text: str) -> list[str]:
    """Returns what a validator says of a file, its dates as texts, as editors give them to it."""
    table = SettingsFile(Path("x.toml"), text).table
    as_json = json.loads(json.dumps(table, default=_plain))
    validator = jsonschema.Draft202012Validator(settings_schema())
    return [error.message for error in validator.iter_errors(as_json)]


def _plain(value: Any) -> Any:
    return float(value) if type(value).__name__ == "Decimal" else value.isoformat()


def test_the_deployed_schema_is_current(golden: Golden) -> None:
    """What is kept in deploy/ is what the command writes now."""
    golden(DEPLOYED, schema_text())


def test_it_is_a_schema() -> None:
    """Of the dialect that it names."""
    schema = settings_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Settings.model_fields)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Yields every part of a schema that has properties."""
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for part in node.values():
            yield from objects(part)
    elif isinstance(node, list):
        for part in node:
            yield from objects(part)


def test_everything_is_described_and_nothing_else_taken() -> None:
    """Each key of each table has a meaning, and a key that is none is refused."""
    found = list(objects(settings_schema()))
    assert len(found) > 6
    for each in found:
        assert each["additionalProperties"] is False
        untold = [name for name, part in each["properties"].items() if not part.get("description")]
        assert untold == []


def test_nothing_of_it_is_what_toml_has_not() -> None:
    """No null, and of a secret no default."""
    text = schema_text()
    assert "null" not in text
    assert "***" not in text
    assert "default" not in settings_schema()["properties"]["redis"]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_it_refuses_what_the_loader_refuses(text: str, said: str) -> None:
    """But for what a schema cannot say."""
    assert bool(errors(text)) != any(beyond in said for beyond in BEYOND), errors(text)


@pytest.mark.parametrize(
    "text",
    [
        'core_features = ["report", {feature = "boards", aliases = ["b"]}]',
        "week_factor = 4.25\nday_factor = '365/12'",
        "exchange_rates.EUR = [{rate = 1.1}, {rate = '11/9'}, {rate = 1}]",
        "[[exchange_rates.EUR]]\nrate = 1\nvalid_from = '2026-01-01T00:00:00Z'",
        "[[schedules.a]]\nhours = {mon = ['09:00-17:00']}\nholidays = [2026-12-25, '2026-12-26']",
        "csat_thresholds = {3 = 2.5}",
        "",
    ],
)
def test_it_takes_what_the_loader_takes(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way of writing a value."""
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(text)
    load_settings()  # refuses nothing
    assert errors(text) == []


def test_choices_and_ranges_are_told() -> None:
    """In words, for the page and for the file to begin with."""
    allowed = allowed_values()
    assert allowed["flush_interval"] == "more than 0, at most 60"
    assert allowed["past_due_churn_days"] == "1 to 90"
    assert allowed["csat_neutral"] == "true or false"
    assert allowed["sla_paused_in"] == 'any of "pending", "hold"'
    assert allowed["kafka_security_protocol"].endswith('or "SASL_SSL"')
    assert "timezone" not in allowed
