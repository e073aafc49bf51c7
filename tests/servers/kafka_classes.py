"""Makes the archive of Kafka's classes, with which a broker starts in less than half the time.

Run by ``make servers``.
"""

import contextlib
import os
from pathlib import Path

from typing_extensions import override

from tests.servers.kafka import ARCHIVE, LIBS, KafkaServer
from tests.servers.process import ServerUnavailable


class _Archiving(KafkaServer):
    """A broker whose JVM writes down its classes when it ends, which takes it a while."""

    stop_s = 120.0

    def __init__(self, archive: Path) -> None:
        super().__init__()
        self._archive = archive

    @override
    def command(self) -> list[str]:
        java, *rest = super().command()
        rest = [flag for flag in rest if "SharedArchiveFile" not in flag]
        return [java, f"-XX:ArchiveClassesAtExit={self._archive}", *rest]


def main() -> None:
    """Makes the archive anew if it is older than the jars; does without where a JVM cannot."""
    newest_s = max((jar.stat().st_mtime for jar in LIBS.glob("*.jar")), default=None)
    if newest_s is None or (ARCHIVE.exists() and ARCHIVE.stat().st_mtime > newest_s):
        return
    fresh = ARCHIVE.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(ServerUnavailable), _Archiving(fresh) as server:
        server.stop()
    if fresh.exists():
        fresh.replace(ARCHIVE)


if __name__ == "__main__":
    main()
