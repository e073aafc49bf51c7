"""The tables of an explorer: whether they are those in force, as they were at its start."""

import pytest
from aiokafka import TopicPartition

from aggregates.policies.policy import Policy
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from streams.explorer.tables import check_tables
from streams.kafka.register import Register, Tables
from streams.worker.error import WorkerError

OWN = fingerprint_of(Plan())
OTHER = fingerprint_of(Plan(Policy(timezone="Europe/Berlin")))
TABLES = {each.digest: Tables(each, "tidemark") for each in (OWN, OTHER)}


def test_tables_in_force_are_followed() -> None:
    """Also while others are computed beside them."""
    check_tables(Register(TABLES, in_force=OWN.digest, rebuilt=OTHER.digest), OWN, {})


@pytest.mark.parametrize(
    ("register", "reason"),
    [
        (Register(TABLES, in_force=OTHER.digest), 'superseded: .*timezone is "Europe/Berlin"'),
        (Register(TABLES), "superseded: the tables are no longer in force"),
        (Register(TABLES, in_force=OWN.digest, erasing=True), "erasing: "),
        (
            Register(TABLES, in_force=OWN.digest, begins={TopicPartition("tidemark.usage", 0): 7}),
            "erased: ",
        ),
    ],
)
def test_what_is_not_gone_on_with_is_named(register: Register, reason: str) -> None:
    """Other tables, none any more, an erasure under way, and one that was over between two looks,
    after which tables of the same settings are in force."""
    with pytest.raises(WorkerError, match=reason):
        check_tables(register, OWN, {})
