"""Settings: file below environment below arguments; wrong ones are named, secrets never shown."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from aggregates.policies.health import Thresholds
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from events import parse_instant
from events.dialect import Dialect
from streams.settings import (
    NOT_SETTINGS,
    Settings,
    SettingsError,
    check_variables,
    load_settings,
)
from tests.examples import examples


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA", "REDIS"):
        monkeypatch.delenv(f"TIDEMARK_{name}", raising=False)


def test_defaults_are_loopback() -> None:
    """Without any setting everything is on this machine."""
    settings = load_settings()
    assert (settings.kafka, settings.listen, settings.port) == ("127.0.0.1:9092", "127.0.0.1", 9108)


def test_arguments_before_environment_before_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest word holds."""
    (tmp_path / "tidemark.toml").write_text('port = 1\nlisten = "127.0.0.2"\ncurrency = "EUR"\n')
    monkeypatch.setenv("TIDEMARK_PORT", "2")
    monkeypatch.setenv("TIDEMARK_LISTEN", "127.0.0.3")
    settings = load_settings(port=3, listen=None)
    assert (settings.port, settings.listen, settings.currency) == (3, "127.0.0.3", "EUR")
    assert settings.policy.currency == "EUR"


def test_the_dialect_is_made_of_its_two_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefixes of types and of schemas, from wherever settings come; an empty one is refused."""
    assert load_settings().dialect == Dialect()
    monkeypatch.setenv("TIDEMARK_TYPE_PREFIX", "com.example.")
    monkeypatch.setenv("TIDEMARK_DATASCHEMA_PREFIXES", '["https://a.example/"]')
    assert load_settings().dialect == Dialect("com.example.", ("https://a.example/",))
    monkeypatch.setenv("TIDEMARK_DATASCHEMA_PREFIXES", '[""]')
    with pytest.raises(SettingsError, match="DATASCHEMA_PREFIXES"):
        load_settings()


def test_policies_of_the_file(tmp_path: Path) -> None:
    """Policies are read where they stand, rates and time zone included."""
    (tmp_path / "tidemark.toml").write_text(
        'timezone = "Europe/Berlin"\nsegments = ["segment", "region"]\n'
        '[[exchange_rates.EUR]]\nvalid_from = "2026-01-01T00:00:00Z"\nrate = "1.1"\n'
    )
    plan = Plan(load_settings().policy)
    assert plan.calendar.timezone == "Europe/Berlin"
    assert plan.policy.segments == ("segment", "region")
    assert float(plan.policy.exchange_rates["EUR"][0].rate) == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 70000", "port"),
        ("prot = 1", "prot"),
        ('currency = "euro"', "currency"),
        ("port = ", "tidemark.toml"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, said: str) -> None:
    """A wrong, unknown or unreadable setting is an error that names it."""
    (tmp_path / "tidemark.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_settings()


DIGITS = st.text("0123456789", min_size=1, max_size=25)
SETTINGS: list[tuple[str, str, Callable[[Policy], object]]] = [
    (
        "[[exchange_rates.EUR]]\nrate = {}",
        '{{"EUR": [{{"rate": {}}}]}}',
        lambda policy: policy.exchange_rates["EUR"][0].rate,
    ),
    ("week_factor = {}", "{}", lambda policy: policy.week_factor),
    ("day_factor = {}", "{}", lambda policy: policy.day_factor),
    (
        "[[gross_margin]]\nvalue = {}",
        '[{{"value": {}}}]',
        lambda policy: policy.gross_margin[0].value,
    ),
]
"""Each exact setting: how a file and the environment have it, and where it is read."""


def test_every_exact_setting_is_tried() -> None:
    """No setting that is a fraction, or has one, is missing below."""
    has = {name for name, field in Policy.model_fields.items() if _has_fraction(field.annotation)}
    tried = {re.split(r"\W", text.lstrip("["))[0] for text, _, _ in SETTINGS}
    assert tried == has == {"exchange_rates", "week_factor", "day_factor", "gross_margin"}


def _has_fraction(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_has_fraction(field.annotation) for field in annotation.model_fields.values())
    return annotation is Fraction or any(map(_has_fraction, get_args(annotation)))


@examples(40)
@given(st.sampled_from(SETTINGS), DIGITS, st.booleans(), st.booleans())
def test_law_decimals_are_read_as_written(
    setting: tuple[str, str, Callable[[Policy], object]], digits: str, is_text: bool, is_env: bool
) -> None:
    """A number in the file or the environment is the decimal that is written, as its text is."""
    in_file, in_environment, value_of = setting
    number = f"0.{digits}1"
    written = f'"{number}"' if is_text else number
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        if is_env:
            name = re.split(r"\W", in_file.lstrip("["))[0]
            given = number if in_environment == "{}" else in_environment.format(written)
            patch.setenv(f"TIDEMARK_{name.upper()}", given)
        else:
            Path("tidemark.toml").write_text(in_file.format(written))
        assert value_of(load_settings().policy) == Fraction(number)


@pytest.mark.parametrize(
    "number", ["1.08005", "1.1", "3e-3", "1_0.5", "2", '"27/25"', "1e30", "1e-30"]
)
def test_how_rates_are_written(tmp_path: Path, number: str) -> None:
    """Exponents, underscores, whole numbers and quotients are exact as well."""
    (tmp_path / "tidemark.toml").write_text(f"[exchange_rates]\nEUR = [{{rate = {number}}}]\n")
    text = number.strip('"').replace("_", "")
    assert load_settings().policy.rate("EUR", parse_instant("2026-01-01T00:00:00Z")) == Fraction(
        text
    )


@pytest.mark.parametrize(
    "number", ["nan", "inf", "-0.5", "0.0", "true_", "[1.5]", "1e31", "1e400", "1e-31"]
)
def test_a_rate_that_is_none_is_refused(tmp_path: Path, number: str) -> None:
    """What is no number above 0, or absurd, is an error that names the setting, not a traceback."""
    (tmp_path / "tidemark.toml").write_text(f"[exchange_rates]\nEUR = [{{rate = {number}}}]\n")
    with pytest.raises(SettingsError, match=r"EUR|tidemark\.toml"):
        load_settings()


def test_thresholds_and_seconds_are_numbers_still(tmp_path: Path) -> None:
    """Settings that are floats take the nearest one; a text is no decimal and stays refused."""
    (tmp_path / "tidemark.toml").write_text(
        "stale_after = 7.25\nflush_interval = 0.5\nhealth_stickiness = {poor = 0.15, good = 0.3}\n"
    )
    settings = load_settings()
    assert (settings.stale_after, settings.flush_interval) == (7.25, 0.5)
    assert settings.health_stickiness == Thresholds(poor=0.15, good=0.3)
    (tmp_path / "tidemark.toml").write_text("currency = 1.5\n")
    with pytest.raises(SettingsError, match="currency"):
        load_settings()


def test_the_redis_url_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password in the URL shows in no text of the settings."""
    monkeypatch.setenv("TIDEMARK_REDIS", "redis://:hunter2@127.0.0.1:6379/0")
    settings = load_settings()
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert settings.redis.get_secret_value().endswith("6379/0")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TIDEMARK_TIMEZON", "TIDEMARK_TIMEZONE"),
        ("TIDEMARK_TIME_ZONE", "TIDEMARK_TIMEZONE"),
        ("TIDEMARK_CURENCY", "TIDEMARK_CURRENCY"),
        ("tidemark_prot", "TIDEMARK_PORT"),
    ],
)
def test_a_misspelt_variable_is_refused_with_what_was_meant(name: str, meant: str) -> None:
    """It would change figures unseen; its value, which may be secret, is not told."""
    with pytest.raises(SettingsError, match=rf"{name} \(meant: {meant}\?\)") as refused:
        check_variables({name: "s3cret", "TIDEMARK_PORT": "1"})
    assert "s3cret" not in str(refused.value)


def test_every_setting_and_what_others_use_is_known() -> None:
    """Settings in any case, our tests' own, and what a cluster puts beside a service of our
    name."""
    check_variables({f"TIDEMARK_{name.upper()}": "x" for name in Settings.model_fields})
    check_variables({f"tidemark_{name}": "x" for name in Settings.model_fields})
    check_variables({name: "1" for name in NOT_SETTINGS})
    check_variables(
        {
            "TIDEMARK": "/opt/tidemark",
            "TIDEMARK_SERVICE_HOST": "10.0.0.7",
            "TIDEMARK_SERVICE_PORT_METRICS": "9108",
            "TIDEMARK_EXPORTER_PORT": "tcp://10.0.0.7:9108",
            "TIDEMARK_EXPORTER_PORT_9108_TCP_ADDR": "10.0.0.7",
        }
    )
    with pytest.raises(SettingsError, match="TIDEMARK_EXPORTER_PORT"):
        check_variables({"TIDEMARK_EXPORTER_PORT": "9108"})
