"""Letters that are told again: by the source of their webhook, with its options as they are now."""

import json
from collections import Counter
from typing import Any

import pytest

from events.log import Letter
from streams.cli.retelling import retold
from streams.kafka.dead_letter import RAW_BYTES_MAX, DeadLetter, letter_origin
from streams.settings import Settings, SettingsError, load_settings
from tests.streams.kafka.test_dead_letters import event, letter

QUESTION = {"survey": "s1", "question": "q1", "survey_type": "nps"}


def settings_with(monkeypatch: pytest.MonkeyPatch, **options: Any) -> Settings:
    """Settings with a webhook `form` of Formbricks, whose secret is nowhere."""
    given = {"questions": [QUESTION], **options}
    webhook = {"form": {"source": "formbricks", "options": given, "secret_files": ["gone"]}}
    monkeypatch.setenv("TIDEMARK_WEBHOOKS", json.dumps(webhook))
    return load_settings()


def response(name: str, score: int | None = 9) -> bytes:
    """A response as Formbricks posts it; without a score one that answers nothing."""
    answers = {"acct": "acme"} if score is None else {"acct": "acme", "q1": score}
    data = {"id": name, "surveyId": "s1", "updatedAt": "2026-03-01T00:00:00.000Z", "data": answers}
    return json.dumps({"event": "responseFinished", "data": data}).encode()


def by_webhook(record: bytes, name: str = "form", truncated: bool = False) -> DeadLetter:
    """The letter of a record that came by a webhook."""
    kept = Letter(f"webhooks/{name}", "account_unknown", "which account", record)
    return DeadLetter(
        *letter_origin(kept), kept.reason, kept.detail, record, 0, truncated=truncated
    )


def test_a_record_is_told_once_the_options_say_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was missing is named until it is there; no secret is asked for."""
    letters = [by_webhook(response("r1")), by_webhook(response("r2", 3))]
    found = retold(letters, settings_with(monkeypatch))
    assert (found.events, found.fed) == ([], 0)
    [(problem, count)] = found.refused.items()
    assert (problem.startswith("account_unknown: "), count) == (True, 2)
    found = retold(letters, settings_with(monkeypatch, account_field="acct"))
    assert (found.fed, found.refused) == (2, Counter())
    told = [json.loads(each) for each in found.events]
    assert [each["data"]["score"] for each in told] == [9, 3]
    again = retold(letters, settings_with(monkeypatch, account_field="acct"))
    assert again.events == found.events


def test_each_letter_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are told, that say nothing now, of no record, cut off, of a webhook that is gone,
    and those that never came by one."""
    letters = [
        by_webhook(response("r1")),
        by_webhook(b'{"event": "testEndpoint"}'),
        by_webhook(b"  "),
        by_webhook(response("r2")[:RAW_BYTES_MAX], truncated=True),
        by_webhook(response("r3"), name="closed"),
        letter("wrong_topic", event()),
        letter("invalid_json", b"{"),
    ]
    found = retold(letters, settings_with(monkeypatch, account_field="acct"))
    assert (found.fed, found.passed) == (3, 1)
    assert found.refused == {
        "it holds no record by itself": 1,
        "truncated": 1,
        "there is no webhooks.closed in the settings": 1,
        "invalid_json": 1,
    }
    assert found.events[0] == event()
    assert len(found.events) == 2


def test_a_wrong_option_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would refuse all letters, silently."""
    settings = settings_with(monkeypatch, account_feild="acct")
    with pytest.raises(SettingsError, match=r"webhooks\.form\.options: .*account_feild"):
        retold([by_webhook(response("r1"))], settings)
