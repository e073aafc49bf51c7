"""What is wrong with settings: where it stands, what was found, what is meant; never a secret."""

import json
import tomllib
from pathlib import Path

import pytest

from aggregates.policies.area import Area
from aggregates.policies.policy import Policy
from streams.cli.board import redis_board
from streams.cli.core import load_core
from streams.settings import Settings, SettingsError, check_variables, load_settings, place_of


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA", "REDIS"):
        monkeypatch.delenv(f"TIDEMARK_{name}", raising=False)


def refused() -> str:
    """Returns what is said of settings that are wrong."""
    with pytest.raises(SettingsError) as error:
        load_settings()
    return str(error.value)


MISTAKES: list[tuple[str, str]] = [
    ('port = "many"', '1: port: needs a whole number, not "many"'),
    ("\n\nport = 70000", "3: port: must be at most 65535, not 70000"),
    ("partitions = 0", "1: partitions: must be at least 1, not 0"),
    ("stale_after = 0", "1: stale_after: must be more than 0, not 0"),
    ("past_due_churn_days = 1.5", "1: past_due_churn_days: needs a whole number, not 1.5"),
    ("timezone = 2", '1: timezone: needs a text in "quotes", not 2'),
    ('redis_prefix = ""', "1: redis_prefix: may not be empty"),
    ('currency = "euro"', '1: currency: must be of the form [A-Z]{3}, not "euro"'),
    ('csat_neutral = "maybe"', '1: csat_neutral: needs true or false, not "maybe"'),
    ("web_config = 5", '1: web_config: needs the path of a file, a text in "quotes", not 5'),
    ('segments = "plan"', '1: segments: needs a list, not "plan"; write ["plan"]'),
    ('segments = ["a b"]', "1: segments: 'a b' is no name of a label: letters, digits and _"),
    ("industry = 1", '1: industry: needs a text in "quotes", not 1'),
    ("colour = 1", "1: colour: there is no such setting"),
    ('time-zone = "UTC"', "1: time-zone: there is no such setting (meant: timezone?)"),
    (
        'user_basis = "sean"',
        '1: user_basis: must be "seen" or "added", not "sean" (meant: seen?)',
    ),
    (
        'satisfaction_surveys = [\n  "csat",\n  "npss",\n]',
        '3: satisfaction_surveys: must be "nps", "csat", "ces" or "satisfaction", not "npss" '
        "(meant: nps?)",
    ),
    (
        'week_factor = "a/b"',
        '1: week_factor: needs a number, or a quotient such as "52/12", not "a/b"',
    ),
    ("day_factor = 0", "1: day_factor: a month has more than 0 and at most 1000 of an interval"),
    (
        "exchange_rates.EUR = 1.1",
        "1: exchange_rates.EUR: needs a list, not 1.1; `tidemark settings init --out -` shows an",
    ),
    ("[[exchange_rates.EUR]]\nrte = 1", "1: exchange_rates.EUR.rate: is missing"),
    ("[[exchange_rates.EUR]]\nrte = 1", "2: exchange_rates.EUR.rte: there is no such setting (me"),
    (
        "[[exchange_rates.EUR]]\nrate = 1\n[[exchange_rates.EUR]]\nrate = -1",
        "4: exchange_rates.EUR.rate: an exchange rate is above 0, not -1",
    ),
    (
        "exchange_rates.EUR = [\n{rate = 1},\n{rate = 1, valid_from = 2026-01-01T00:00:00Z}]",
        '3: exchange_rates.EUR.valid_from: needs a text in "quotes", not 2026-01-01T00:00:00+00:00;'
        ' write "2026-01-01T00:00:00Z"',
    ),
    (
        '[[gross_margin]]\nvalue = 1\nvalid_from = "2026-01-01"',
        "3: gross_margin.valid_from: needs a time with its zone, such as 2026-01-01T00:00:00Z, "
        "not '2026-01-01'",
    ),
    (
        '[[exchange_rates.EUR]]\nrate = 1\ntimezone = "UTC"',
        "3: exchange_rates.EUR.timezone: there is no such setting; it is one by itself, and stands "
        "above the first line in [brackets]",
    ),
    (
        '[[schedules.support]]\n[schedules.support.hours]\nmon = ["09:00-17:00"]\ntue = ["9-5"]',
        "4: schedules.support.hours.tue: '9-5' is no interval such as '09:00-17:30'",
    ),
    (
        '[[schedules.support]]\n[schedules.support.hours]\nmoon = ["09:00-17:00"]',
        '3: schedules.support.hours.moon: must be "mon", "tue", "wed", "thu", "fri", "sat" or "sun"'
        ', not "moon" (meant: mon?)',
    ),
    (
        '[[schedules.support]]\nhours = {}\ndays = ["mon"]',
        "3: schedules.support.days: there is no such setting",
    ),
    (
        "[[schedules.support]]\nhours = {}\nholidays = [\n2026-12-25,\n'2026-02-30']",
        '5: schedules.support.holidays: needs a date such as 2026-12-25, not "2026-02-30"',
    ),
    (
        '[[schedules.support]]\nhours = {}\ntimezone = "Europe/Berln"',
        "3: schedules.support.timezone: unknown time zone 'Europe/Berln'",
    ),
    ('[[gross_margin]]\nvalue = "1.2"', "2: gross_margin.value: a share lies between 0 and 1, not"),
    ('core_features = ["a", ""]', "1: core_features.feature: may not be empty"),
    ('milestones = ["a", "a"]', "1: milestones: a milestone is named once"),
    (
        'further_windows.nps = [\n  "30d",\n  "4w"]',
        "3: further_windows.nps: unknown window '4w', only ",
    ),
    (
        "sla_targets.p1 = {first_respons_minutes = 5}",
        "1: sla_targets.p1.first_respons_minutes: there is no such setting (meant: first_response_",
    ),
    ("health_weights = 5", "1: health_weights: needs a table, not 5; "),
    (
        "[health_weights]\nusage = 0\nsupport = 0\nsentiment = 0\ncommercial = 0",
        "1: health_weights: at least one component needs a weight above 0",
    ),
    (
        "health_weights.usage = 1\nhealth_weights.support = -1",
        "2: health_weights.support: must be at least 0, not -1",
    ),
    ("\nhealth_red_max = 80", "2: health_red_max is above health_yellow_max"),
    (
        'port = 1\nkafka_ssl_cafile = "/ca.pem"',
        "2: kafka_ssl_cafile is set, and kafka_security_protocol = PLAINTEXT does not use it",
    ),
]
"""What the file says, and the beginning of what is said of it, from the line on."""


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """File and line, the setting, what it needs and what was found; also what was meant."""
    (tmp_path / "tidemark.toml").write_text(text)
    told = refused()
    assert any(each.startswith(f"tidemark.toml:{said}") for each in told.split("\n")), told


def test_several_mistakes_come_in_the_order_of_lines(tmp_path: Path) -> None:
    """All are told at once, the first line first."""
    (tmp_path / "tidemark.toml").write_text('timezone = 1\nport = -1\ncurrency = "x"\nkafka = 1\n')
    lines = [each.split(":")[1] for each in refused().split("\n")]
    assert lines == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", 'TIDEMARK_PORT: needs a whole number, not "many"'),
        ("segments", "region", "TIDEMARK_SEGMENTS: lists and tables are JSON here, such as"),
        ("SEGMENTS", '["a b"]', "TIDEMARK_SEGMENTS: 'a b' is no name of a label"),
        (
            "EXCHANGE_RATES",
            '{"EUR": [{"rate": 1}, {"rate": "x"}]}',
            'TIDEMARK_EXCHANGE_RATES: EUR.1.rate: needs a number, or a quotient such as "52/12", '
            'not "x"',
        ),
        ("CURRENCY", "eur", 'TIDEMARK_CURRENCY: must be of the form [A-Z]{3}, not "eur"'),
        ("KAFKA_SSL_CAFILE", "/ca.pem", "TIDEMARK_KAFKA_SSL_CAFILE: kafka_ssl_cafile is set, and"),
    ],
)
def test_of_the_environment_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """And what stands where inside it."""
    monkeypatch.setenv(f"TIDEMARK_{name}", value)
    assert refused().startswith(said)


def test_the_giver_of_the_wrong_part_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table may be partly of the file and partly of the environment, which is laid over it."""
    (tmp_path / "tidemark.toml").write_text(
        "port = 1\nsla_targets.low = {first_response_minutes = 0}\n"
    )
    monkeypatch.setenv("TIDEMARK_PORT", "-1")
    monkeypatch.setenv("TIDEMARK_SLA_TARGETS", '{"high": {"first_response_minutes": -5}}')
    told = refused()
    assert "tidemark.toml:2: sla_targets.low.first_response_minutes: must be at least 1" in told
    assert "TIDEMARK_SLA_TARGETS: high.first_response_minutes: must be at least 1, not -5" in told
    assert "TIDEMARK_PORT: must be at least 0" in told
    assert "tidemark.toml:1" not in told


def test_of_an_argument_the_setting_is_named(tmp_path: Path) -> None:
    """Whatever the file says of it."""
    (tmp_path / "tidemark.toml").write_text("port = 1\n")
    with pytest.raises(SettingsError, match=r"^settings: port: must be at most 65535, not 70000$"):
        load_settings(port=70000)


SECRETS = [
    "redis",
    "kafka_sasl_password",
    "kafka_sasl_oauthbearer_client_secret",
    "kafka_ssl_key_password",
    "kafka_sasl_pasword",
]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Not of a wrong type, not unused, not under a misspelt name, from the file or elsewhere."""
    for value in (["hunter2"], "hunter2"):
        (tmp_path / "tidemark.toml").write_text(f"{name} = {json.dumps(value)}\n")
        if name != "redis" or isinstance(value, list):
            assert "hunter2" not in refused()
    (tmp_path / "tidemark.toml").write_text("")
    monkeypatch.setenv(f"TIDEMARK_{name.upper()}", "hunter2")
    with pytest.raises(SettingsError) as error:
        _used({f"TIDEMARK_{name.upper()}": "hunter2"})
    assert "hunter2" not in str(error.value)


def _used(environment: dict[str, str]) -> None:
    redis_board(load_settings())
    check_variables(environment)


def test_settings_that_only_the_plan_refuses_have_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time zone that is not there, a family that is not there, an address that is none."""
    file = tmp_path / "tidemark.toml"
    file.write_text('port = 1\ntimezone = "Mars/Olympus"\n')
    with pytest.raises(SettingsError, match=r"^tidemark\.toml:2: timezone: unknown time zone"):
        load_core(load_settings())
    file.write_text('port = 1\n[further_windows]\nnsp = ["30d"]\n')
    with pytest.raises(SettingsError, match=r"^tidemark\.toml:2: further_windows: there is no fam"):
        load_core(load_settings())
    file.write_text('redis = "nowhere"\n')
    with pytest.raises(SettingsError, match=r"^tidemark\.toml:1: redis: not a Redis URL"):
        redis_board(load_settings())
    monkeypatch.setenv("TIDEMARK_REDIS", "nowhere")
    with pytest.raises(SettingsError, match=r"^TIDEMARK_REDIS: not a Redis URL"):
        redis_board(load_settings())
    settings = load_settings(redis="elsewhere")
    assert place_of(settings, "redis") == "settings: redis"
    assert place_of(load_settings(), "listen") == "settings: listen"


def test_each_mistake_is_one() -> None:
    """The table has files of TOML, of settings that there are, and of each area of policies."""
    names = {next(iter(tomllib.loads(text))) for text, _ in MISTAKES}
    assert len(MISTAKES) > 35
    assert names - set(Settings.model_fields) == {"colour", "time-zone"}
    areas = [base for base in Policy.__mro__[1:] if issubclass(base, Area) and base is not Area]
    assert len(areas) > 7
    assert [area.__name__ for area in areas if not names & set(area.model_fields)] == []
