"""Sessions, which no vendor ends: by the ids of messages, or by gaps of 30 minutes."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.events.sources.analytics.importing import imported, ndjson

GROUP = {
    "type": "group",
    "messageId": "g",
    "userId": "ada",
    "groupId": "acme",
    "timestamp": "2026-03-01T00:00:00Z",
}


def view(number: int, minute: int, session: str | None = None, **fields: Any) -> dict[str, Any]:
    """Returns a view of a page at a minute of a day, perhaps of a session."""
    return {
        "type": "page",
        "messageId": f"m{number}",
        "userId": "ada",
        "timestamp": f"2026-03-02T{minute // 60:02}:{minute % 60:02}:00Z",
        "context": {"sessionId": session, "groupId": "acme"},
        **fields,
    }


def sessions(records: Iterable[dict[str, Any]], how: str) -> list[tuple[str, float]]:
    """Returns start and duration in minutes of the sessions of the day."""
    found = imported("segment", ndjson(records), sessions=how).of("session.ended")
    return [
        (each["started_at"][11:16], each["duration_s"] / 60)
        for each in found
        if each["started_at"] > "2026-03-02"
    ]


def test_a_session_is_from_its_first_act_to_its_last() -> None:
    """By id, whatever the gaps, and whatever the order of records; without an id there is none."""
    records = [view(1, 540, "s"), view(2, 600, "s"), view(3, 550, "t"), view(4, 700)]
    for order in permutations(records):
        assert sessions(order, "id") == [("09:10", 0), ("09:00", 60)]


def test_a_session_is_over_after_half_an_hour() -> None:
    """By gaps: 30 minutes without an act go on, one more begins anew; ids say nothing."""
    records = [view(1, 540, "s"), view(2, 570, "t"), view(3, 601), view(4, 605)]
    for order in permutations(records):
        assert sessions(order, "gap") == [("09:00", 30), ("10:01", 4)]


def test_a_session_that_goes_on_is_told_again_under_its_id() -> None:
    """A later import knows more of it: another event, the same session, the longer one holds."""
    first = imported("segment", ndjson([view(1, 540, "s")]), sessions="id").events
    again = imported("segment", ndjson([view(1, 540, "s"), view(2, 560, "s")]), sessions="id")
    assert first[0]["data"]["session_id"] == again.events[0]["data"]["session_id"] == "s"
    assert first[0]["id"] != again.events[0]["id"]
    assert again.lines == (
        imported("segment", ndjson([view(1, 540, "s"), view(2, 560, "s")]), sessions="id").lines
    )


def test_acts_before_the_account_was_known_are_of_the_session() -> None:
    """Of one session, those that name the account and those that do not are together."""
    nameless = view(1, 540, "s", context={"sessionId": "s"})
    for order in permutations([nameless, view(2, 560, "s")]):
        assert sessions(order, "id") == [("09:00", 20)]


def test_a_session_goes_on_over_a_login() -> None:
    """What began before the user was known and went on after it is one session of the user."""
    device = {"userId": None, "anonymousId": "dev"}
    login = {**view(3, 550, "s"), "type": "identify", "anonymousId": "dev"}
    records = [view(1, 540, "s", **device), login, view(2, 580, "s")]
    for how in ("id", "gap"):
        for order in permutations(records):
            found = imported("segment", ndjson(order), sessions=how)
            (told,) = found.of("session.ended")
            assert (told["user_id"], told["duration_s"]) == ("ada", 40 * 60)
    shared = {**login, "messageId": "m4", "userId": "bo"}
    found = imported("segment", ndjson([*records, shared]), sessions="id")
    assert {each["user_id"] for each in found.of("session.ended")} == {"dev", "ada", "bo"}


def test_a_session_in_two_accounts_is_two() -> None:
    """Who goes from one account to another spends time in each."""
    there = view(2, 570, "s", groupId="birch")
    found = imported("segment", ndjson([view(1, 540, "s"), there]), sessions="id")
    assert [each["account_id"] for each in found.of("session.ended")] == ["acme", "birch"]


def test_a_session_of_an_unknown_account_is_a_gap() -> None:
    """Time spent is a figure: views that say nothing else are gaps if their account is unknown."""
    nameless = view(1, 540, "s", context={"sessionId": "s"})
    assert imported("segment", ndjson([nameless]), sessions="id").gaps == {"account_unknown": 1}
    assert imported("segment", ndjson([nameless])).passed == {"page": 1}


@given(st.lists(st.integers(0, 1439), min_size=1, max_size=12))
def test_sessions_by_gap_cover_all_acts(minutes: list[int]) -> None:
    """Each act lies in one session, and sessions are more than 30 minutes apart."""
    spans: list[list[int]] = []
    for minute in sorted(minutes):
        if not spans or minute - spans[-1][1] > 30:
            spans.append([minute, minute])
        spans[-1][1] = minute
    told = [(f"{a // 60:02}:{a % 60:02}", float(b - a)) for a, b in spans]
    assert sessions([view(n, each) for n, each in enumerate(minutes)], "gap") == told
