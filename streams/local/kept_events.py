"""Kept events: those of a simulated company in memory, packed, by account.

A simulation has no log that could be read again. Two years of 200 accounts are some 90 MB of lines,
and a tenth of that packed.
"""

import re
import threading
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

PACKED_MAX: Final = 128 * 2**20
"""Bytes that are kept of packed lines; of more nothing is told any more."""

_TOGETHER: Final = 256
"""Lines that are packed together."""

_QUICK: Final = 1
"""Level at which they are packed."""

_NAMED: Final = re.compile(rb'account_id":"([^"]+)"')
"""Where the lines of a simulation name accounts, also those that something goes to."""


class KeptEvents:
    """Lines by the accounts that they name; any thread may use it."""

    def __init__(self) -> None:
        """Starts without lines."""
        self._open: dict[str, list[bytes]] = {}
        self._packed: dict[str, list[bytes]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, values: Sequence[bytes]) -> None:
        """Keeps lines."""
        with self._lock:
            for value in values:
                for name in set(_NAMED.findall(value)):
                    account = name.decode()
                    lines = self._open.setdefault(account, [])
                    lines.append(value)
                    if len(lines) == _TOGETHER:
                        self._pack(account, lines)

    def lines_of(self, accounts: Iterable[str]) -> list[bytes] | None:
        """Returns the lines that name one of some accounts; None if not all of them are kept."""
        found: dict[bytes, None] = {}
        with self._lock:
            if self._bytes > PACKED_MAX:
                return None
            for account in sorted(accounts):
                for packed in self._packed.get(account, ()):
                    found |= dict.fromkeys(zlib.decompress(packed).split(b"\n"))
                found |= dict.fromkeys(self._open.get(account, ()))
        return list(found)

    def _pack(self, account: str, lines: list[bytes]) -> None:
        if self._bytes <= PACKED_MAX:
            packed = zlib.compress(b"\n".join(lines), _QUICK)
            self._bytes += len(packed)
            self._packed.setdefault(account, []).append(packed)
        lines.clear()
