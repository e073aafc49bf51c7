"""Dead letters on the command line: listed with their reasons, and fed back after a fix."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from events.log import Letter
from streams.kafka.dead_letter import letter_origin, pack_dead_letter
from tests.end_to_end.exporter import EVENTS, Exporter
from tests.end_to_end.installation import Installation
from tests.end_to_end.patience import wait_for
from tests.end_to_end.test_receive import answer_of, survey_webhook

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ACCOUNT = "acct_letter"
BROKEN = b'{"type": "ticket.created", '


def _event(number: int, name: str, **data: Any) -> bytes:
    record = {
        "specversion": "1.0",
        "id": f"letter-{number}",
        "source": "test",
        "type": name,
        "time": "2026-06-01T12:00:00Z",
        "data": {"account_id": ACCOUNT, **data},
    }
    return json.dumps(record).encode()


FOREIGN = (b"", b"junk", b'{"topic": 5}', b'{"topic": "\xff"}')
"""Records of somebody else on the topic of dead letters: not ours to read, and no obstacle."""

LOST = _event(1, "ticket.created", ticket_id="lost", submitter_role="end_user", status="new")
SEATS = _event(2, "seats.set", seats=5)


def _listed(installation: Installation, *options: str) -> list[dict[str, Any]]:
    text = installation.commands.output_of("dead-letters", "list", "--json", *options)
    return [json.loads(line) for line in text.splitlines()]


def _rejected(exporter: Exporter) -> dict[str, float]:
    """Records that were not folded, by reason, as the exporter counts them."""
    return dict(exporter.scrape().by_label("tidemark_rejected_records_total", "reason"))


def test_letters_are_listed_and_fed_back(installation: Installation, tmp_path: Path) -> None:
    """A record on the wrong topic counts after `replay` sent it to its own; a broken one stays.

    Feeding back again changes nothing: what is known is a duplicate.
    """
    key = ACCOUNT.encode()
    installation.produce([("survey", key, LOST), ("usage", key, SEATS), ("ticket", key, BROKEN)])
    installation.produce([("dead-letters", key, foreign) for foreign in FOREIGN])
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_shared(1)
    installation.wait_until_committed()

    rejected = {"wrong_topic": 1.0, "invalid_json": 1.0}
    wait_for(lambda: _rejected(exporter) == rejected or None, lambda: str(_rejected(exporter)))
    page = exporter.get("/")[1]
    assert re.search(r"tidemark\.survey\[\d\] offset 0: type: belongs to ticket", page)
    assert ACCOUNT not in page

    letters = {each["reason"]: each for each in _listed(installation)}
    assert set(letters) == {"wrong_topic", "invalid_json"}
    assert letters["wrong_topic"]["topic"] == "tidemark.survey"
    assert "raw" not in letters["wrong_topic"]
    [broken] = _listed(installation, "--reason", "invalid_json", "--raw")
    assert broken["raw"] == BROKEN.decode()
    assert _listed(installation, "--topic", "tidemark.usage") == []

    told = installation.commands.output_of("dead-letters", "replay", "--dry-run")
    assert told.splitlines() == ["1 of 2 records are in order", "  1 not in order: invalid_json"]
    told = installation.commands.output_of("dead-letters", "replay")
    assert told.splitlines() == [
        "1 of 2 records sent",
        "  1 to ticket",
        "  1 not in order: invalid_json",
    ]
    installation.wait_until_committed()
    file = tmp_path / "good.ndjson"
    file.write_bytes(LOST + b"\n" + SEATS + b"\n")
    exporter.wait_until_right(installation.oracle(file))

    installation.commands.output_of("dead-letters", "replay")
    installation.wait_until_committed()
    exporter.wait_until_right(installation.oracle(file))
    assert exporter.scrape().by_label(EVENTS, "outcome")["duplicate"] == 1


def test_letters_that_lie_at_one_place_are_each_there(
    installation: Installation, tmp_path: Path
) -> None:
    """Events of one batch record, and lines of files of one name, are letters of their own. What
    contradicts what is known comes back once each time, and not twice as often."""
    seats = [_event(number, "seats.set", seats=number) for number in (11, 12, 13)]
    installation.produce([("survey", ACCOUNT.encode(), b"[" + b",".join(seats) + b"]")])
    installation.worker().says("ready")
    installation.wait_until_committed()
    assert [each["reason"] for each in _listed(installation)] == ["wrong_topic"] * 3
    fed = ("dead-letters", "replay", "--reason", "wrong_topic")
    assert "3 of 3 records sent" in installation.commands.output_of(*fed)

    file = tmp_path / "day.ndjson"
    for said in (b"one", b"two"):
        file.write_bytes(said)
        installation.publish(file)
    assert len(_listed(installation, "--reason", "invalid_json")) == 2

    installation.produce([("usage", ACCOUNT.encode(), _event(11, "seats.set", seats=99))])
    for count in (1, 2, 3):
        installation.wait_until_committed()
        assert len(_listed(installation, "--reason", "conflict")) == count
        told = installation.commands.output_of("dead-letters", "replay", "--reason", "conflict")
        assert told.splitlines()[0] == "1 of 1 records sent"
        assert "come back unless" in told


def test_letters_of_a_webhook_go_to_their_topics(installation: Installation) -> None:
    """Told by the source of their webhook with its options as they are now; a second time they are
    duplicates."""
    kept = Letter("webhooks/form", "account_unknown", "", answer_of("r1", 9))
    letter = pack_dead_letter(letter_origin(kept), kept.reason, kept.detail, kept.record, 0)
    installation.produce([("dead-letters", b"", letter)])
    commands = installation.commands
    survey_webhook(commands)
    told = commands.output_of("dead-letters", "replay").splitlines()
    assert told[0] == "0 of 1 records sent"
    assert told[1].startswith("  1 not in order: account_unknown: ")
    survey_webhook(commands, account_field="acct")
    for _ in range(2):
        told = commands.output_of("dead-letters", "replay").splitlines()
        assert told == ["1 of 1 records sent", "  1 to survey"]
    assert installation.published()["survey"] == 2
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_shared(1)
    installation.wait_until_committed()
    exporter.wait_until_settled()
    outcomes = exporter.scrape().by_label(EVENTS, "outcome")
    assert (outcomes["folded"], outcomes["duplicate"]) == (1, 1)
