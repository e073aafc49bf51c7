"""Settings: file below environment below arguments; wrong ones are named, secrets never shown."""

from pathlib import Path

import pytest

from aggregates.shard.plan import Plan
from streams.settings import SettingsError, load_settings


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


def test_the_redis_url_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password in the URL shows in no text of the settings."""
    monkeypatch.setenv("TIDEMARK_REDIS", "redis://:hunter2@127.0.0.1:6379/0")
    settings = load_settings()
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert settings.redis.get_secret_value().endswith("6379/0")
