"""Two generations of what reads our metrics: Debian's packages, and the newest releases.

Both are in use, and they differ: Prometheus 3 rewrites bounds, has left-open ranges, and negotiates
more. `scripts/build_newest.sh` builds the newest from their Go modules into `.cache/newest`.
"""

from enum import StrEnum
from pathlib import Path

from tests.servers.process import ServerUnavailable, program

NEWEST = Path(__file__).resolve().parents[2] / ".cache" / "newest"
"""What the script has built, by the programs' own names."""


class Generation(StrEnum):
    """Where a program comes from."""

    PACKAGED = "packaged"
    NEWEST = "newest"

    def program(self, name: str, package: str) -> str:
        """The full path of a program.

        Raises:
            ServerUnavailable: it is not there.
        """
        if self is Generation.PACKAGED:
            return program(name, package)
        path = NEWEST / name
        if not path.is_file():
            raise ServerUnavailable(f"{path} is not there: `make servers` builds it with Go")
        return str(path)
