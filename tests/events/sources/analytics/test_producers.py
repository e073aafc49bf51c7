"""The samples are what the SDKs send today: made anew, if an environment with them is named."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.events.sources.analytics.importing import SAMPLES

SCRIPT = Path(__file__).parents[1] / "producers" / "analytics.py"
PYTHON = os.environ.get("TIDEMARK_TEST_SDKS")
"""The interpreter of an environment with ``producers/requirements.lock``."""


@pytest.mark.slow
@pytest.mark.skipif(PYTHON is None, reason="TIDEMARK_TEST_SDKS names no interpreter with the SDKs")
@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.ndjson")))
def test_the_sdk_sends_the_sample(name: str) -> None:
    """The story told by the SDK is the stored body, byte for byte."""
    assert PYTHON is not None
    done = subprocess.run(
        [PYTHON, str(SCRIPT), name], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == (SAMPLES / f"{name}.ndjson").read_text()
