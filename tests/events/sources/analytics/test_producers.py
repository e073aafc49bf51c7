"""The samples are what the SDKs send today, made anew."""

import subprocess
from pathlib import Path

import pytest

from tests.events.sources.analytics.importing import SAMPLES
from tests.servers.sdks import sdks_python

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "tests" / "events" / "sources" / "producers" / "analytics.py"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["segment", "rudderstack", "posthog", "posthog-v1"])
def test_the_sdk_sends_the_sample(name: str) -> None:
    """The story told by the SDK is the stored body, byte for byte."""
    done = subprocess.run(
        [sdks_python(), str(SCRIPT), name], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == (SAMPLES / f"{name}.ndjson").read_text()
