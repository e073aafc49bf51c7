"""The webhooks of the settings: what is wrong is named, and no secret is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.cli.webhooks import webhooks_of
from streams.settings import SettingsError, load_settings

SECRET = "whsec_31415926"


def webhooks(monkeypatch: pytest.MonkeyPatch, **secrets: Any) -> list[str]:
    """The names of webhooks, of one whose settings say where its secrets are."""
    given = {"support": {"source": "zendesk", **secrets}}
    monkeypatch.setenv("TIDEMARK_WEBHOOKS", json.dumps(given))
    return [each.name for each in webhooks_of(load_settings())]


def test_secrets_are_read_from_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From files and from variables."""
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("OTHER_SECRET", "another")
    named = {"secret_files": [str(tmp_path / "secret")], "secret_variables": ["OTHER_SECRET"]}
    assert webhooks(monkeypatch, **named) == ["support"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"secret_variables": [SECRET]}, "secret_variables, entry 1: is not set; name a variable"),
        ({"secret_variables": ["HOME", SECRET]}, "secret_variables, entry 2: is not set"),
        ({"secret_files": [SECRET]}, "secret_files, entry 1: No such file or directory; name a"),
        ({"secret_files": [SECRET * 40]}, "secret_files, entry 1: File name too long"),
        ({"secret_variables": ["NOTHING"]}, "secret_variables, entry 1: there is nothing in it"),
        ({}, "needs a secret"),
    ],
)
def test_a_secret_in_place_of_its_name_is_not_told(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, list[str]], said: str
) -> None:
    """Which entry is wrong is told by its number, since what stands there may be the secret."""
    monkeypatch.setenv("HOME", "a")
    monkeypatch.setenv("NOTHING", " ")
    with pytest.raises(SettingsError, match=f"webhooks.support.*{said}") as raised:
        webhooks(monkeypatch, **given)
    assert SECRET not in str(raised.value)
