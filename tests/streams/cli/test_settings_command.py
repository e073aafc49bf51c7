"""``tidemark settings``: what is in force and why, a file that is not overwritten, a schema."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from streams.settings import Settings
from streams.settings.model import POLICIES, SERVICE
from tests.streams.cli.test_cli import Tidemark, tidemark

__all__ = ["tidemark"]


@pytest.fixture(autouse=True)
def _alone(tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set by whoever runs the tests; the working directory is the command's."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TIDEMARK_{name.upper()}", raising=False)


FILE = """\
currency = "EUR"
port = 9108
redis = "redis://:hunter2@board:6379/0"

[[exchange_rates.USD]]
rate = 0.92

[sla_targets]
high = {first_response_minutes = 30}
"""


def test_each_setting_is_shown_in_the_order_of_the_page(tidemark: Tidemark) -> None:
    """By default all have the origin `default`, and what is shown is a file of settings."""
    shown = tidemark("settings", "show")
    lines = shown.stdout.splitlines()
    assert shown.code == 0
    assert [line.lstrip("# ").split(" ")[0].rstrip(":") for line in lines] == [*SERVICE, *POLICIES]
    assert all(line.endswith("  # default") for line in lines)
    Path("tidemark.toml").write_text(shown.stdout)
    again = tidemark("settings", "show", "--changed")
    assert (again.code, again.stdout) == (0, "")
    assert again.stderr == "tidemark: every setting is as by default\n"


def test_what_is_changed_is_shown_with_its_origin(
    tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of the file, a variable, or a variable laid over a line; no secret."""
    Path("tidemark.toml").write_text(FILE)
    monkeypatch.setenv("TIDEMARK_SERIES_MAX", "5")
    monkeypatch.setenv("TIDEMARK_CURRENCY", "GBP")
    monkeypatch.setenv("tidemark_sla_targets", '{"low": {"resolution_minutes": 9}}')
    monkeypatch.setenv("TIDEMARK_KAFKA_SASL_PASSWORD", "hunter3")
    monkeypatch.setenv("TIDEMARK_KAFKA_SASL_USERNAME", "u")
    monkeypatch.setenv("TIDEMARK_KAFKA_SASL_MECHANISM", "PLAIN")
    monkeypatch.setenv("TIDEMARK_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    shown = tidemark("settings", "show", "--changed")
    assert shown.stdout.splitlines() == [
        'kafka_security_protocol = "SASL_SSL"  # TIDEMARK_KAFKA_SECURITY_PROTOCOL',
        'kafka_sasl_mechanism = "PLAIN"  # TIDEMARK_KAFKA_SASL_MECHANISM',
        'kafka_sasl_username = "u"  # TIDEMARK_KAFKA_SASL_USERNAME',
        "# kafka_sasl_password: set  # TIDEMARK_KAFKA_SASL_PASSWORD",
        "# redis: set  # tidemark.toml:3",
        "series_max = 5  # TIDEMARK_SERIES_MAX",
        "sla_targets = {high = {first_response_minutes = 30}, low = {resolution_minutes = 9}}  "
        "# tidemark_sla_targets over tidemark.toml:8",
        'currency = "GBP"  # TIDEMARK_CURRENCY',
        'exchange_rates = {USD = [{valid_from = "2000-01-01T00:00:00Z", rate = "23/25"}]}  '
        "# tidemark.toml:5",
    ]
    every = tidemark("settings", "show").stdout
    assert "port = 9108  # tidemark.toml:2\n" in every
    assert "hunter" not in every + shown.stdout


def test_shown_as_json(tidemark: Tidemark) -> None:
    """For programs: a value as JSON, null if not set; of a secret whether it is set."""
    Path("tidemark.toml").write_text(FILE)
    shown = {
        each["name"]: each for each in json.loads(tidemark("settings", "show", "--json").stdout)
    }
    assert list(shown) == [*SERVICE, *POLICIES]
    assert shown["currency"] == {
        "name": "currency",
        "value": "EUR",
        "origin": "tidemark.toml:1",
        "changed": True,
    }
    assert shown["redis"] == {
        "name": "redis",
        "is_set": True,
        "origin": "tidemark.toml:3",
        "changed": True,
    }
    assert shown["kafka_sasl_password"]["is_set"] is False
    assert shown["pulse"]["value"] is None
    assert shown["port"]["changed"] is False
    changed = json.loads(tidemark("settings", "show", "--json", "--changed").stdout)
    assert [each["name"] for each in changed] == [
        "redis",
        "sla_targets",
        "currency",
        "exchange_rates",
    ]


def test_wrong_settings_are_not_shown(tidemark: Tidemark) -> None:
    """They end the command, as any."""
    Path("tidemark.toml").write_text("\nport = -1\n")
    error = tidemark("settings", "show").error
    assert error == "tidemark.toml:2: port: must be at least 0, not -1"
    Path("tidemark.toml").write_text("colour = 1\nport = -1\n")
    assert tidemark("settings", "show").stderr.splitlines() == [
        "tidemark: tidemark.toml:1: colour: there is no such setting",
        "tidemark: tidemark.toml:2: port: must be at least 0, not -1",
    ]


def test_a_file_is_begun_and_not_overwritten(tidemark: Tidemark) -> None:
    """Beside it lies the schema that its first line names; a file that is there stays."""
    begun = tidemark("settings", "init")
    assert begun.code == 0, begun.stderr
    text = Path("tidemark.toml").read_text()
    first = text.splitlines()[0].removeprefix("#:schema ")
    jsonschema.Draft202012Validator.check_schema(json.loads(Path(first).read_text()))
    Path("tidemark.toml").write_text("port = 1\n")
    assert "tidemark.toml is there already; --force" in tidemark("settings", "init").error
    assert Path("tidemark.toml").read_text() == "port = 1\n"
    assert tidemark("settings", "init", "--force").code == 0
    assert Path("tidemark.toml").read_text() == text
    assert tidemark("settings", "show", "--changed").stdout == ""


def test_a_file_goes_elsewhere(tidemark: Tidemark) -> None:
    """To standard output, without a schema, or into another folder, with one."""
    shown = tidemark("settings", "init", "--out", "-")
    assert list(Path().glob("tidemark.*")) == []
    Path("etc").mkdir()
    assert tidemark("settings", "init", "--out", "etc/tidemark.toml").code == 0
    assert Path("etc/tidemark.toml").read_text() == shown.stdout
    assert sorted(path.name for path in Path("etc").iterdir()) == [
        "tidemark.schema.json",
        "tidemark.toml",
    ]


def test_holidays_are_written(tidemark: Tidemark) -> None:
    """Those of the region and the years; the one without the other is a mistake."""
    arguments = ("--holidays", "DE-BY", "--years", "2026")
    shown = tidemark("settings", "init", "--out", "-", *arguments).stdout
    assert "#    2026-01-06, # Epiphany\n" in shown
    assert "2027-01-06" not in shown
    assert "go together" in tidemark("settings", "init", *arguments[:2]).error
    assert "go together" in tidemark("settings", "init", *arguments[2:]).error
    assert not Path("tidemark.toml").exists()


def test_the_schema_is_written(tidemark: Tidemark) -> None:
    """To standard output, or to a file."""
    shown = tidemark("settings", "schema").stdout
    assert tidemark("settings", "schema", "--out", "s.json").code == 0
    assert Path("s.json").read_text() == shown
    assert json.loads(shown)["additionalProperties"] is False


def test_what_is_shown_is_in_force(tidemark: Tidemark) -> None:
    """Written to the file, it is the same settings once more."""
    Path("tidemark.toml").write_text(FILE)
    shown = tidemark("settings", "show").stdout
    table = tomllib.loads(shown)
    assert table["exchange_rates"] == {
        "USD": [{"valid_from": "2000-01-01T00:00:00Z", "rate": "23/25"}]
    }
    Path("tidemark.toml").write_text(shown)
    again = tidemark("settings", "show").stdout
    assert tomllib.loads(again) == table
