"""Accounts' rows: which attributes are kept, and what label each makes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy
from aggregates.rows.accounts import ACCOUNTS, account_view
from aggregates.rows.family import Account
from aggregates.rows.history import History
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import Decoder

TIME = "2026-03-01T00:00:00Z"


def record(number: int, kind: str = "account.updated", **data: Any) -> bytes:
    """An event about one account."""
    head = {"specversion": "1.0", "id": f"e{number}", "source": "crm", "type": kind, "time": TIME}
    return json.dumps({**head, "sequence": number, "data": {"account_id": "a", **data}}).encode()


def row(*told: dict[str, Any], attributes: tuple[str, ...] = ("plan_tier",)) -> History:
    """The row of an account after some changes, each told as a dictionary."""
    shard = Shard(Plan(Policy(segments=attributes)))
    records = [record(number, **data) for number, data in enumerate(told)]
    batch = Decoder().decode(records)
    assert not batch.rejects
    assert not shard.fold("account", batch)
    kind = shard.plan.kinds[ACCOUNTS.name]
    found: History = kind.unpack(kind.pack(shard.store.of(ACCOUNTS.name, "a")[""]))
    return found


def account(*told: dict[str, Any], attributes: tuple[str, ...] = ("plan_tier",)) -> Account:
    """The account after some changes."""
    return account_view([row(*told, attributes=attributes)], attributes)


def segment(*told: dict[str, Any], attributes: tuple[str, ...] = ("plan_tier",)) -> tuple[str, ...]:
    """The segment of the account after some changes."""
    return account(*told, attributes=attributes).segment


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("gold", "gold"),
        ("Gold ", "Gold "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (3, "3"),
        (3.0, "3"),
        (1e3, "1000"),
        (2.5, "2.5"),
        (-1, "-1"),
        (None, "unknown"),
        ("", "unknown"),
        (["gold"], "before"),
        ({"name": "gold"}, "before"),
        ("x" * 513, "before"),
        (10**30, "before"),
        (1e300, "before"),
    ],
)
def test_values(value: object, label: str) -> None:
    """Text, numbers and booleans are labels; null and empty text take one away."""
    assert segment({"plan_tier": "before"}, {"plan_tier": value}) == (label,)


def test_null_takes_any_attribute_away() -> None:
    """An attribute that is left out stays, one that is null goes, declared or not."""
    attributes = ("segment", "region", "plan_tier")
    told = {"segment": "smb", "region": "emea", "plan_tier": "gold"}
    assert segment(told, {"segment": None}, attributes=attributes) == ("unknown", "emea", "gold")
    assert segment(told, {"plan_tier": None}, attributes=attributes) == ("smb", "emea", "unknown")
    assert segment({"segment": None}, told, attributes=attributes) == ("smb", "emea", "gold")


def test_null_takes_internal_away() -> None:
    """Then the account says that it is not, also for those that were merged into it."""
    yes, none = {"is_internal": True}, {"is_internal": None}
    assert account(yes, {"segment": "smb"}).internal
    assert not account(yes, none).internal
    assert account(none, yes).internal
    assert account_view([row({"segment": "smb"}), row(yes)], ()).internal
    assert not account_view([row(none), row(yes)], ()).internal


def test_only_attributes_that_segments_name_are_kept() -> None:
    """Rows do not grow with what no figure is told apart by; the same event is no conflict then."""
    plain, told = Shard(Plan()), Shard(Plan(Policy(segments=("segment", "plan_tier"))))
    first, again = record(1, plan_tier="gold", notes="a"), record(1, plan_tier="gold", notes="b")
    for shard in (plain, told):
        assert not shard.fold("account", Decoder().decode([first, again]))
    other = Decoder().decode([record(1, plan_tier="silver")])
    assert not plain.fold("account", other)
    assert [refusal.reason for refusal in told.fold("account", other)] == ["conflict"]


def test_own_attributes_are_not_unknown_fields() -> None:
    """What can be an attribute is counted as known; lists and objects are not."""
    data: dict[str, Any] = {
        "plan_tier": "gold",
        "seats": 3,
        "gone": None,
        "tags": ["a"],
        "owner": {"id": 1},
    }
    assert Decoder().decode([record(1, **data)]).ignored == {"unknown_field": 2}
    assert Decoder().decode([record(1, "seats.set", seats=1, x="y")]).ignored == {
        "unknown_field": 1
    }


@pytest.mark.parametrize("names", [("plan tier",), ("_x",), ("ä",), ("",), ("a", "a")])
def test_names_that_cannot_be_labels(names: tuple[str, ...]) -> None:
    """An attribute is named as a label of Prometheus can be, and once."""
    with pytest.raises(ValidationError, match="segments"):
        Policy(segments=names)
