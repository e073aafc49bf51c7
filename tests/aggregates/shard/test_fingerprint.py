"""The fingerprint: the same for what computes the same cells, another for any other choice."""

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import GENERAL, Policy, Rate
from aggregates.shard.fingerprint import (
    READ_ONLY,
    Fingerprint,
    differences,
    fingerprint_of,
    foreign,
    told,
)
from aggregates.shard.plan import Plan
from events.dialect import Dialect
from events.zone import IANA_VERSION
from tests.examples import examples

CHOICES: dict[str, list[Any]] = {
    "timezone": ["UTC", "Europe/Berlin", "Asia/Kolkata"],
    "currency": ["USD", "EUR"],
    "segments": [("segment",), ("segment", "region"), ("region", "segment")],
    "exchange_rates": [
        {},
        {"GBP": [Rate(rate=Fraction("1.2"))]},
        {"GBP": [Rate(rate=Fraction(6, 5))]},
    ],
    "week_factor": ["52/12", "13/3", 4],
    "sla_clock": ["calendar", "business"],
    "further_windows": [{}, {"nps": ("30d", "180d")}],
}
DIALECTS = [
    Dialect(prefix, schemas)
    for prefix in ("", "com.example.")
    for schemas in ((), ("https://a.example/",), ("https://a.example/", "urn:b"))
]


def mark(choice: dict[str, Any], dialect: Dialect) -> Fingerprint:
    """The fingerprint of a choice of policies."""
    return fingerprint_of(Plan(Policy(**choice)), dialect)


@examples(40)
@given(
    st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in CHOICES.items()}),
    st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in CHOICES.items()}),
    st.sampled_from(DIALECTS),
    st.sampled_from(DIALECTS),
)
def test_the_same_choices_have_the_same_fingerprint_and_no_others(
    one: dict[str, Any], other: dict[str, Any], dialect: Dialect, another: Dialect
) -> None:
    """Two fingerprints are equal exactly if policies and dialects are, however they are written;
    else the differences name each setting that differs, and the short settings tell the same."""
    here, there = mark(one, dialect), mark(other, another)
    policies = Policy(**one), Policy(**other)
    differing = {n for n in CHOICES if getattr(policies[0], n) != getattr(policies[1], n)}
    differing |= {
        name
        for name in ("type_prefix", "dataschema_prefixes")
        if getattr(dialect, name) != getattr(another, name)
    }
    named = {text.split(" is ")[0] for text in differences(there.entries, here.entries)}
    assert {name for name in named if not name.startswith("measure ")} == differing
    assert (here.digest == there.digest) is (not differing)
    said = foreign(there.digest, there.settings, here)
    assert bool(said) is bool(differing)
    short = {text.split(" is ")[0] for text in differences(there.settings, here.settings)}
    assert short == differing


def test_policies_that_only_readings_ask_for_are_left_out() -> None:
    """What no family names is read at each reading, and in no table: those and no others."""
    plan = Plan()
    named = {policy for measure in plan.policies.values() for policy in measure}
    unnamed = Policy.model_fields.keys() - named - {*GENERAL, "further_windows"}
    assert set(READ_ONLY) == unnamed
    assert fingerprint_of(Plan(Policy(ltv_cap_months=12))) == fingerprint_of(plan)


def test_every_entry_counts() -> None:
    """The version of the time zones, of each kind of row, and each measure are in it."""
    usual = fingerprint_of(Plan())
    plan = Plan()
    assert usual.entries["tzdata"] == f'"{IANA_VERSION}"'
    assert {f"rows of {name}" for name in plan.kinds} <= usual.entries.keys()
    assert {f"measure {name}" for name in plan.measures} <= usual.entries.keys()
    for name in usual.entries:
        changed = Fingerprint({**usual.entries, name: '"other"'})
        assert changed.digest != usual.digest
        assert differences(usual.entries, changed.entries)[0].startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("digest", "settings", "said"),
    [
        ("", {}, "earlier version"),
        ("0" * 12, {"tzdata": '"2019c"'}, "tzdata is"),
        ("0" * 12, fingerprint_of(Plan()).settings, "another version"),
        (fingerprint_of(Plan()).digest, {}, ""),
    ],
)
def test_what_others_published_is_told_apart(
    digest: str, settings: dict[str, str], said: str
) -> None:
    """The reason names the setting, or says that the worker is of another version."""
    found = foreign(digest, settings, fingerprint_of(Plan()))
    assert said in found
    assert bool(found) is bool(said)


def test_a_line_names_some_of_many() -> None:
    """A message stays a line, whatever a new version has changed, and long values are cut."""
    many = differences({f"s{n}": "1" for n in range(20)}, {})
    assert told(many).endswith("and 14 more")
    [long] = differences({"schedules": "x" * 10_000}, {"schedules": "1"})
    assert len(long) < 300


WITH_HOLIDAYS = """
from aggregates.policies.policy import Policy
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
days = [f"2026-{month:02}-01" for month in range(1, 13)]
policy = Policy(schedules={"default": ({"hours": {"mon": ["09:00-17:00"]}, "holidays": days},)})
print(fingerprint_of(Plan(policy)).digest)
"""


def test_every_process_has_the_same_fingerprint() -> None:
    """Holidays are a set, which each process orders in its own way: a restart is no new policy."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", WITH_HOLIDAYS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(digests) == 1
