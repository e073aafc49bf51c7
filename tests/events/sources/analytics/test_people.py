"""Whose usage it is: accounts and ids of a person, whatever the order in which they are told."""

from itertools import permutations
from pathlib import Path

import pytest

from events.errors import TidemarkError
from tests.events.sources.analytics.importing import imported, ndjson
from tests.events.sources.analytics.test_segment import GROUP, TRACK, USE, message


def test_the_order_of_records_does_not_matter() -> None:
    """Usage waits for the group call, and the earliest group call adds the user."""
    records = [
        GROUP,
        TRACK,
        message("group", 3, groupId="acme", timestamp="2026-03-01T00:00:00Z"),
        message("alias", 4, previousId="old"),
    ]
    options = {"features": ["Report Exported"], "traits": ["plan"], "sessions": "gap"}
    first = sorted(imported("segment", ndjson(records), **options).lines)
    assert len(first) == 6
    for order in permutations(records):
        assert sorted(imported("segment", ndjson(order), **options).lines) == first


def test_a_user_of_two_accounts_is_a_gap() -> None:
    """Usage cannot be taken back, so none is told under an account that is a guess."""
    records = [GROUP, message("group", 3, groupId="birch"), TRACK]
    for order in permutations(records):
        found = imported("segment", ndjson(order), features=["Report Exported"])
        assert not found.of("feature.used")
        assert found.gaps == {"account_ambiguous": 1}
        assert "acme, birch" in found.needs[0]
        assert len(found.of("user.added")) == 2


def test_a_table_of_members_settles_accounts(tmp_path: Path) -> None:
    """What the option says of a user holds, and then usage need not wait for the end."""
    path = tmp_path / "members.csv"
    path.write_text("user_id,account_id\nada,acme\n")
    records = [TRACK, message("group", 3, groupId="birch")]
    options = {"features": ["Report Exported"], "members": str(path)}
    found = imported("segment", ndjson(records), **options)
    assert found.of("feature.used") == [USE]
    assert found.events[0]["type"] == "feature.used"
    path.write_text("user_id,account_id\nada,acme\nada,birch\n")
    with pytest.raises(TidemarkError, match="line 3: 'ada' is of 'acme'"):
        imported("segment", b"", **options)


def test_users_of_two_accounts_are_not_merged() -> None:
    """A merge is of users of one account; across two it is a gap."""
    records = [
        GROUP,
        message("group", 3, userId="bea", groupId="birch"),
        message("alias", 4, previousId="bea"),
    ]
    found = imported("segment", ndjson(records))
    assert not found.of("user.merged")
    assert found.gaps == {"merge_across_accounts": 1}


def test_devices_that_nobody_identified_are_passed_over() -> None:
    """A device is a user only if an identify call says who it was, even if it names an account."""
    device = {"userId": None, "anonymousId": "dev", "groupId": "acme"}
    track = message("track", 2, event="Report Exported", **device)
    found = imported("segment", ndjson([track]), features=["*"], sessions="gap")
    assert (found.lines, found.passed) == ([], {"of nobody who is known": 1})
    known = message("identify", 3, anonymousId="dev")
    again = message("identify", 4, anonymousId="dev", timestamp="2026-03-03T00:00:00Z")
    found = imported("segment", ndjson([track, again, known]), features=["*"])
    assert [use["user_id"] for use in found.of("feature.used")] == ["dev"]
    merges = [each for each in found.events if each["type"] == "user.merged"]
    assert [each["id"] for each in merges] == ["m3/merge"]
    assert found.passed == {"identify": 1}


def test_a_shared_device_is_whose_it_certainly_is() -> None:
    """Of two users of one account it is of both; of two accounts its acts are of neither."""
    records = [
        message("track", 1, event="E", userId=None, anonymousId="dev"),
        message("identify", 2, anonymousId="dev"),
        message("identify", 3, userId="bo", anonymousId="dev"),
        message("group", 4, groupId="acme"),
        message("group", 5, userId="bo", groupId="acme"),
    ]
    found = imported("segment", ndjson(records), features=["*"])
    assert [use["user_id"] for use in found.of("feature.used")] == ["dev"]
    assert {each["into_user_id"] for each in found.of("user.merged")} == {"ada", "bo"}
    records[-1]["groupId"] = "birch"
    found = imported("segment", ndjson(records), features=["*"])
    assert found.gaps == {"account_ambiguous": 3}
    assert [each["user_id"] for each in found.of("user.added")] == ["ada", "bo"]


def test_ids_are_followed_over_several_merges() -> None:
    """A device that was a visitor that was a user is of the user's account."""
    records = [
        message("track", 1, event="E", userId="a"),
        message("alias", 2, previousId="a", userId="b"),
        message("alias", 3, previousId="b", userId="c"),
        message("group", 4, userId="c", groupId="acme"),
    ]
    for order in permutations(records):
        found = imported("segment", ndjson(order), features=["*"])
        assert [use["account_id"] for use in found.of("feature.used")] == ["acme"]
        assert len(found.of("user.merged")) == 2
