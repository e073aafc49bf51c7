"""The doctor on settings: tables, board and exporter against those here."""

import pytest

from aggregates.policies.policy import Policy
from aggregates.shard.board import PartitionStatus, PartitionView, encode_status
from aggregates.shard.fingerprint import Fingerprint, fingerprint_of
from aggregates.shard.plan import Plan
from events.zone import IANA_VERSION
from streams.doctor import Verdict
from streams.doctor.tables import check_board_settings, check_exporter_settings, check_tables
from streams.kafka.register import Register, Tables
from streams.kafka.topics import Topics

NAMES = Topics()
OWN = fingerprint_of(Plan())
OTHER = fingerprint_of(Plan(Policy(timezone="Asia/Tokyo")))
HERE = 'timezone is "Asia/Tokyo" there, "UTC" here'


def register(in_force: Fingerprint, rebuilt: str = "") -> Register:
    """A register of both."""
    tables = {OWN.digest: Tables(OWN, "tidemark"), OTHER.digest: Tables(OTHER, "tidemark-x")}
    return Register(tables, in_force.digest, rebuilt)


@pytest.mark.parametrize(
    ("known", "found", "verdict", "said"),
    [
        (Register(), [], Verdict.OK, "none in force yet"),
        (Register(), [NAMES.changelog("usage")], Verdict.FAIL, "earlier version"),
        (register(OWN), [], Verdict.OK, OWN.digest),
        (register(OTHER), [], Verdict.FAIL, HERE),
        (register(OTHER, OWN.digest), [], Verdict.WARN, HERE),
    ],
)
def test_tables_of_other_settings_are_told_by_name(
    known: Register, found: list[str], verdict: Verdict, said: str
) -> None:
    """Whether those in force are ours, may become so, or have to be computed anew."""
    first = next(check_tables(known, found, NAMES, OWN))
    assert (first.verdict, said in first.what) == (verdict, True)
    assert bool(first.mend) is (verdict is not Verdict.OK)


def test_tables_that_are_not_in_force_are_named() -> None:
    """Their topics and group can be removed."""
    *_, apart = check_tables(register(OWN), [], NAMES, OWN)
    assert "tidemark-x" in apart.what


@pytest.mark.parametrize(("theirs", "verdict"), [(OWN, Verdict.OK), (OTHER, Verdict.FAIL)])
def test_a_board_of_other_settings_is_told(theirs: Fingerprint, verdict: Verdict) -> None:
    """By the first partition that differs; an empty board says nothing."""
    status = PartitionStatus(fingerprint=theirs.digest, settings=theirs.settings)
    views = {3: PartitionView(1, 1, 0.0, encode_status(status), True, {})}
    [found] = check_board_settings(views, OWN)
    assert found.verdict is verdict
    assert list(check_board_settings({}, OWN)) == []


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"tzdata": IANA_VERSION, "fingerprint": OWN.digest}, ""),
        ({"tzdata": "2019c", "fingerprint": OWN.digest}, "2019c"),
        ({"tzdata": IANA_VERSION, "fingerprint": OTHER.digest}, OTHER.digest),
        ({}, "unknown"),
    ],
)
def test_an_exporter_of_other_settings_is_told(labels: dict[str, str], said: str) -> None:
    """Time zone rules and fingerprint are labels of its build."""
    [found] = check_exporter_settings(labels, OWN)
    assert (found.verdict is Verdict.FAIL) is bool(said)
    assert said in found.what


def test_an_erasure_that_was_cut_off_is_found() -> None:
    """Workers are refused until it is ended: what was computed of the erased events is there."""
    first, *_ = check_tables(Register(erasing=True), [], NAMES, OWN)
    assert (first.name, first.verdict, first.mend) == ("erasure", Verdict.FAIL, "tidemark erase")
