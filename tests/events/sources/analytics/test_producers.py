"""The samples are what the SDKs send today: made anew, if an environment with them is named."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.events.sources.analytics.importing import SAMPLES

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "tests" / "events" / "sources" / "producers" / "analytics.py"
PYTHON = Path(os.environ.get("SDKS_PYTHON", ROOT / ".cache" / "sdks" / "bin" / "python"))
"""The interpreter of an environment with ``producers/requirements.lock``."""


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="there is no environment with the SDKs")
@pytest.mark.parametrize("name", ["segment", "rudderstack", "posthog", "posthog-v1"])
def test_the_sdk_sends_the_sample(name: str) -> None:
    """The story told by the SDK is the stored body, byte for byte."""
    done = subprocess.run(
        [PYTHON, str(SCRIPT), name], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == (SAMPLES / f"{name}.ndjson").read_text()
