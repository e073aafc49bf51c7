"""The environment of the senders' own libraries, from ``scripts/install_sdks.sh``."""

from pathlib import Path

from tests.servers.process import ServerUnavailable
from tests.servers.required import available

PYTHON = Path(__file__).parents[2] / ".cache" / "sdks" / "bin" / "python"


def sdks_python() -> Path:
    """Returns its interpreter; the test is skipped where it is not there, and in CI it fails."""
    with available():
        if not PYTHON.exists():
            raise ServerUnavailable("the senders' libraries are not there: run `make servers`")
    return PYTHON
