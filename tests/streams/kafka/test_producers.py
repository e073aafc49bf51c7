"""What producers' own libraries write is an event, or refused by name."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from events import Decoder
from streams.kafka.wire import decode
from tests.servers.sdks import sdks_python
from tests.streams.kafka.test_wire import Fetched

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "events" / "sources" / "producers" / "kafka_records.py"

TAKEN = {
    "cloudevents binary",
    "cloudevents binary with a key",
    "cloudevents structured",
    "cloudevents structured with a key",
    "confluent json schema",
}
REFUSED = {"cloudevents structured, data as text": "data"}


def unpacked(text: str | None) -> bytes | None:
    """Bytes of text."""
    return None if text is None else base64.b64decode(text)


@pytest.mark.slow
def test_each_form_of_each_library() -> None:
    """CloudEvents' SDK 2.2.0 and Confluent's serializer 2.16.1: what they write is one event, the
    same in each form; data as text is a letter that names the field."""
    command = [str(sdks_python()), str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        told = json.loads(line)
        headers = [(name, unpacked(value)) for name, value in told["headers"]]
        value = base64.b64decode(told["value"])
        batch = decode(Decoder(topic="usage"), [Fetched(value, headers)]).batch
        found[told["form"]] = batch
    assert found.keys() == TAKEN | REFUSED.keys()
    for form in TAKEN:
        [event] = found[form].events
        assert (event.id, event.source, event.key) == ("é-1", "crm", "acme"), form
        assert (event.time_ms, event.data.seats) == (1_772_368_215_250, 3), form
        assert not found[form].ignored or set(found[form].ignored) == {"unknown_field"}
    for form, field in REFUSED.items():
        [reject] = found[form].rejects
        assert field in reject.detail
