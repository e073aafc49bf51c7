"""What a webhook reads of bodies that follow each other: each thing once."""

import json
from typing import Any

import pytest

from events.sources.analytics import sessions
from events.sources.options import Options
from events.sources.registry import source_of
from exporters.gateway import Webhook
from exporters.gateway.webhook import Reading


def webhook(name: str, **options: Any) -> Webhook:
    """A webhook of a source, whose bodies nobody has to sign."""
    cls = source_of(name)
    given: Options = cls.OPTIONS.model_validate(options)
    return Webhook(name, cls(given), lambda *_: None, ["secret"])


def segment(name: str, kind: str = "track", second: int = 0, **more: Any) -> bytes:
    """A message of Segment's."""
    time = f"2026-03-02T09:00:{second:02}Z"
    made = {"messageId": name, "type": kind, "event": "Exported", "timestamp": time}
    return json.dumps(made | more).encode()


def ids(reading: Reading) -> list[str]:
    """Ids of the events that were read."""
    return [json.loads(each)["id"] for each in reading.events]


OF_ACME: dict[str, Any] = {"context": {"groupId": "acme"}}
JOINS: dict[str, Any] = {"groupId": "acme", "userId": "u_1"}


def test_what_cannot_be_told_is_one_letter() -> None:
    """A record is a letter when it comes, and not again with each body that follows."""
    hook = webhook("segment", features=["Exported"])
    [letter] = hook.read(segment("m_0", userId="stranger")).letters
    assert letter.reason == "account_unknown"
    for number in range(1, 21):
        assert hook.read(segment(f"m_{number}", userId="u_1", **OF_ACME)).letters == []


def test_it_is_told_with_the_body_that_says_what_it_lacked() -> None:
    """A use waits for the account of its user, and is told as soon as that is known, once."""
    hook = webhook("segment", features=["Exported"])
    assert len(hook.read(segment("m_0", userId="u_1")).letters) == 1
    assert ids(hook.read(segment("m_1", userId="u_2", **OF_ACME))) == ["m_1"]
    assert sorted(ids(hook.read(segment("m_2", "group", **JOINS)))) == ["m_0", "m_2/user"]
    assert ids(hook.read(segment("m_3", userId="u_2", **OF_ACME))) == ["m_3"]


def test_a_merge_waits_for_its_account_too() -> None:
    """Of two ids that are one the account may be told later; it is a letter until then."""
    hook = webhook("segment", features=["Exported"])
    [letter] = hook.read(segment("m_0", "identify", userId="u_1", anonymousId="d_1")).letters
    assert letter.reason == "account_unknown"
    assert sorted(ids(hook.read(segment("m_1", "group", **JOINS)))) == ["m_0/merge", "m_1/user"]
    assert ids(hook.read(segment("m_2", userId="u_2", **OF_ACME))) == ["m_2"]


def test_a_member_is_added_once() -> None:
    """Who was added is not told with every body; an earlier call is, since the earliest counts."""
    hook = webhook("segment", features=["Exported"])
    assert ids(hook.read(segment("m_5", "group", 5, **JOINS))) == ["m_5/user"]
    assert ids(hook.read(segment("m_6", "group", 6, **JOINS))) == []
    assert ids(hook.read(segment("m_7", "group", 7, groupId="acme", userId="u_2"))) == ["m_7/user"]
    assert ids(hook.read(segment("m_4", "group", 4, **JOINS))) == ["m_4/user"]


@pytest.mark.parametrize("way", ["id", "gap"])
def test_only_a_session_that_grew_is_told(way: str) -> None:
    """The end of a session is told anew when the session went on, and with no other body."""
    hook = webhook("segment", features=["Exported"], sessions=way)
    one: dict[str, Any] = {"userId": "u_1", "context": {"groupId": "acme", "sessionId": 7}}
    other: dict[str, Any] = {"userId": "u_2", "context": {"groupId": "acme", "sessionId": 8}}
    first = ids(hook.read(segment("m_0", second=0, **one)))
    second = ids(hook.read(segment("m_1", second=1, **other)))
    third = ids(hook.read(segment("m_2", second=2, **one)))
    assert [len(each) for each in (first, second, third)] == [2, 2, 2]
    assert len({*first, *second, *third}) == 6


def test_a_session_of_long_ago_is_let_go() -> None:
    """Told apart by gaps, what was over a day before the newest act is told no more."""
    hook = webhook("segment", features=["Exported"], sessions="gap")
    told = []
    for day in range(1, 29):
        made = segment(f"m_{day}", timestamp=f"2026-03-{day:02}T09:00:00Z", userId="u_1", **OF_ACME)
        told.append(len(hook.read(made).events))
    assert max(told) <= 4, "the use, and sessions of the last days"


def test_the_sessions_that_came_first_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by ids, so many are known; one that goes on after that is told by what came since."""
    monkeypatch.setattr(sessions, "VISITS_MAX", 2)
    hook = webhook("segment", features=["Exported"], sessions="id")

    def seconds(number: int, second: int) -> float:
        who: dict[str, Any] = {"context": {"groupId": "acme", "sessionId": number}}
        read = hook.read(segment(f"m_{number}_{second}", second=second, userId="u_1", **who))
        [session] = [made for made in map(json.loads, read.events) if "session" in made["type"]]
        duration: float = session["data"]["duration_s"]
        return duration

    assert [seconds(1, 0), seconds(2, 1), seconds(1, 2)] == [0, 0, 2]
    assert [seconds(3, 3), seconds(2, 4), seconds(1, 5)] == [0, 3, 0]


def test_an_answer_without_a_score_is_told_once() -> None:
    """PostHog's surveys, shown and answered: what was told is not told with the next body."""
    question = {"survey": "s_1", "type": "nps"}
    hook = webhook("posthog", features=["Exported"], surveys=[question])

    def act(name: str, event: str, **more: Any) -> bytes:
        groups = {"$groups": {"company": "acme"}, "$survey_id": "s_1"}
        made = {"uuid": name, "event": event, "distinct_id": "u_1", "properties": groups | more}
        return json.dumps(made | {"timestamp": "2026-03-02T09:00:00Z"}).encode()

    assert ids(hook.read(act("p_0", "survey shown"))) == ["p_0"]
    assert ids(hook.read(act("p_1", "survey sent", **{"$survey_response_9": 3}))) == ["p_1"]
    assert ids(hook.read(act("p_2", "Exported"))) == ["p_2"]
