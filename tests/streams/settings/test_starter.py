"""The file to begin with: nothing in force, defaults as they are, every shape shown and right."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from pydantic import SecretStr

from streams.settings import Settings, SettingsError, load_settings
from streams.settings.file import FILE
from streams.settings.model import POLICIES, SERVICE
from streams.settings.public_holidays import public_holidays, years_of
from streams.settings.schema import settings_schema
from streams.settings.starter import EXAMPLE, examples, starter

TEXT = starter()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA", "REDIS"):
        monkeypatch.delenv(f"TIDEMARK_{name}", raising=False)


def parts(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yields of each block the lines of its default and those of its example, without the #."""
    for block in text.rstrip("\n").split("\n\n"):
        lines = block.split("\n")
        cut = lines.index(EXAMPLE) if EXAMPLE in lines else len(lines)
        default = [line for line in lines[:cut] if re.match(r"#[^ :]", line)]
        yield [line[1:] for line in default], [line[1:] for line in lines[cut + 1 :]]


DEFAULTS: Final = {
    name: field.get_default(call_default_factory=True, validated_data={})
    for name, field in Settings.model_fields.items()
}


def load(text: str) -> dict[str, Any]:
    """Returns each setting with a text as the file."""
    Path(FILE).write_text(text)
    settings = load_settings()
    return {name: getattr(settings, name) for name in Settings.model_fields}


def test_all_of_it_is_commented_out() -> None:
    """As it is written, it sets nothing, and its first line names the schema."""
    assert all(line.startswith("#") for line in TEXT.splitlines() if line)
    assert TEXT.startswith("#:schema ./tidemark.schema.json\n")
    assert load(TEXT) == DEFAULTS
    assert max(map(len, TEXT.splitlines())) <= 100


def test_every_default_is_the_default() -> None:
    """With the # off all lines of defaults, each of these settings is as if it were not given."""
    given = "\n".join(line for default, _ in parts(TEXT) for line in default)
    names = set(tomllib.loads(given))
    assert load(given) == DEFAULTS
    for name, value in DEFAULTS.items():
        is_shown = value not in (None, "", (), {}) and not isinstance(value, SecretStr)
        assert (name in names) == is_shown, name


def test_a_single_default_is_the_default() -> None:
    """So it is with each block by itself, wherever it stands."""
    tried = 0
    for default, _ in parts(TEXT):
        if default:
            tried += 1
            assert load("\n".join(default)) == DEFAULTS, default
    assert tried > 70


KAFKA = {
    "SASL with a password": (
        "security_protocol",
        "sasl_mechanism",
        "sasl_username",
        "sasl_password",
    ),
    "a password in a file": (
        *("security_protocol", "sasl_mechanism", "sasl_username", "sasl_password_file"),
        "ssl_cafile",
    ),
    "certificates": (
        *("security_protocol", "sasl_mechanism", "sasl_username", "sasl_password"),
        *("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_key_password"),
    ),
    "a key's password in a file": (
        *("security_protocol", "sasl_mechanism", "sasl_username", "sasl_password"),
        *("ssl_certfile", "ssl_key_password_file"),
    ),
    "OAuth": (
        *("security_protocol", "sasl_oauthbearer_token_endpoint_url"),
        *("sasl_oauthbearer_client_id", "sasl_oauthbearer_client_secret", "sasl_oauthbearer_scope"),
    ),
    "OAuth with the secret in a file": (
        *("security_protocol", "sasl_oauthbearer_token_endpoint_url"),
        *("sasl_oauthbearer_client_id", "sasl_oauthbearer_client_secret_file"),
    ),
}
"""Settings of Kafka make sense together only; `OAUTHBEARER` is another mechanism than the shown."""

BY_NAME: Mapping[str, str] = examples()


@pytest.mark.parametrize("name", [name for name in BY_NAME if not name.startswith("kafka_")])
def test_an_example_is_taken_and_changes_its_setting(name: str) -> None:
    """With the # off its lines, the setting is another than by default, and no other one is."""
    shown = [example for _, example in parts(TEXT) if re.search(rf"\b{name}\b", "".join(example))]
    assert len(shown) == 1
    settings = load("\n".join(shown[0]))
    assert [each for each in DEFAULTS if settings[each] != DEFAULTS[each]] == [name]


@pytest.mark.parametrize("names", KAFKA.values(), ids=KAFKA)
def test_the_examples_of_kafka_are_taken_together(names: tuple[str, ...]) -> None:
    """In the ways in which a cluster lets clients in."""
    lines = [BY_NAME[f"kafka_{name}"] for name in names]
    if "sasl_mechanism" not in names:
        lines.append('kafka_sasl_mechanism = "OAUTHBEARER"')
    settings = load("\n".join(lines))
    assert all(settings[f"kafka_{name}"] != DEFAULTS[f"kafka_{name}"] for name in names)


def test_every_example_of_kafka_is_tried() -> None:
    """None is missing above."""
    tried = {f"kafka_{name}" for names in KAFKA.values() for name in names}
    assert tried == {name for name in BY_NAME if name.startswith("kafka_")}


def test_all_examples_go_together_and_fit_the_schema() -> None:
    """They stand in any file, in the order of the page; the schema takes them and the defaults."""
    schema = jsonschema.Draft202012Validator(settings_schema())
    given = [line for _, example in parts(TEXT) for line in example]
    taken = tomllib.loads("\n".join(given))
    assert set(taken) == set(BY_NAME)
    defaults = tomllib.loads("\n".join(line for default, _ in parts(TEXT) for line in default))
    for table in (taken, defaults):
        as_editors_see_it = json.loads(json.dumps(table, default=str))
        assert [error.message for error in schema.iter_errors(as_editors_see_it)] == []


def test_every_setting_has_a_block_and_every_shape_an_example() -> None:
    """In the order of the page; what a default does not show has an example."""
    shown = [
        re.split(r"[ .=\]]", (default or example)[0].lstrip("["))[0]
        for default, example in parts(TEXT)
        if default or example
    ]
    wanted = [name for name in (*SERVICE, *POLICIES) if name != "schedules"]
    assert shown == [*wanted, "schedules"]
    for name, value in DEFAULTS.items():
        if value in (None, "", (), {}) or isinstance(value, SecretStr):
            assert name in BY_NAME, name


HOLIDAYS = public_holidays("DE-BY", years_of("2026-2028"), "public,catholic")


def test_holidays_are_dates_in_the_schedule() -> None:
    """Those of each year, sorted, with the version of the package, and no look-up later."""
    text = starter(HOLIDAYS)
    example = list(parts(text))[-1][1]
    settings = load("\n".join(example))
    first, second = settings["schedules"]["default"]
    dates = sorted(first.holidays)
    written = [f"    {day}, # {name}" for day, name in HOLIDAYS.dates]
    assert [line for line in example if re.match(r"    \d", line)] == written
    assert [str(day) for day in dates] == [line.split(",")[0].strip() for line in written]
    assert {day.year for day in dates} == {2026, 2027, 2028}
    assert len([day for day in dates if day.year == 2026]) == 13
    assert second.valid_from == "2029-01-01T00:00:00Z"
    assert re.search(rf"package holidays {re.escape(HOLIDAYS.version)}\b", " ".join(example))
    assert load(text) == DEFAULTS


def test_what_bavaria_has_beside_the_public_ones() -> None:
    """A good guess, all days off in DE-BY are public holidays, is wrong: Assumption is catholic.

    Most municipalities of Bavaria have it off. It is asked for by kind, and named if it is not.
    """
    public = public_holidays("DE-BY", (2026, 2026), "public")
    both = public_holidays("DE-BY", (2026, 2026), "public,catholic")
    assert {str(day) for day, _ in both.dates} - {str(day) for day, _ in public.dates} == {
        "2026-08-15"
    }
    assert "catholic" in public.left_out
    assert "catholic" not in both.left_out
    assert re.search(r"left out: [a-z, ]*catholic", starter(public).replace("#    # ", ""))


def test_an_observed_day_stands_beside_its_holiday() -> None:
    """The 4th of July 2026 is a Saturday: Friday is off too."""
    days = [str(day) for day, _ in public_holidays("US", (2026, 2026), "public").dates]
    assert {"2026-07-03", "2026-07-04"} <= set(days)


@pytest.mark.parametrize(
    ("region", "years", "categories", "said"),
    [
        ("DEE", "2026", "public", "--holidays DEE: unknown country (meant: "),
        ("DE-ZZ", "2026", "public", "--holidays DE-ZZ: parts of DE are BB, BE, BW, BY, HB"),
        ("DE", "2026", "bank", "--categories bank: "),
        ("DE", "26", "public", "--years '26' is neither"),
        ("DE", "2028-2026", "public", "--years '2028-2026' is neither"),
        ("DE", "2000-2099", "public", "--years '2000-2099' is neither"),
        ("DE", "1800", "public", "--holidays DE: none are known for 1800"),
    ],
)
def test_what_is_not_known_is_refused(region: str, years: str, categories: str, said: str) -> None:
    """A wrong region, kind or year is named, and never an empty list."""
    with pytest.raises(SettingsError) as error:
        public_holidays(region, years_of(years), categories)
    assert str(error.value).startswith(said)


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for writing a file only, and not everywhere."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(SettingsError, match="pip install holidays"):
        public_holidays("DE", (2026, 2026), "public")
