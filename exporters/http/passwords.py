"""Passwords: basic authentication against bcrypt hashes, slow only for who does not know one."""

import asyncio
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final

from aiohttp import BasicAuth
from bcrypt import checkpw

PASSWORD_BYTES: Final = 72
"""What bcrypt looks at; longer ones are cut here as everywhere, and not refused."""


class Passwords:
    """Checks users, one password at a time in a thread of its own: one takes a tenth of a second.

    Who was let in is remembered by a keyed digest of the password, one for each user, so that each
    scrape does not pay again. Whether a user exists cannot be told by the time that takes.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "tidemark-password")
        self._key = secrets.token_bytes(32)
        self._known: dict[str, tuple[str, bytes]] = {}

    def close(self) -> None:
        """Lets its thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def allow(self, header: str | None, users: Mapping[str, str]) -> bool:
        """Returns whether a request may be answered.

        Args:
            header: Its ``Authorization``.
            users: The bcrypt hash of each user's password; with none, all are let in.
        """
        if not users:
            return True
        if header is None:
            return False
        try:
            given = BasicAuth.decode(header, encoding="utf-8")
        except ValueError:
            return False
        password = given.password.encode()[:PASSWORD_BYTES]
        digest = blake2b(password, key=self._key).digest()
        stored = users.get(given.login)
        hashed, known = self._known.get(given.login, ("", b""))
        if stored is not None and hashed == stored and secrets.compare_digest(known, digest):
            return True
        # somebody's hash for a user who is none, so that it takes as long
        compared = stored if stored is not None else next(iter(users.values()))
        loop = asyncio.get_running_loop()
        same = await loop.run_in_executor(self._thread, _same, password, compared)
        if stored is None or not same:
            return False
        self._known = {user: kept for user, kept in self._known.items() if user in users}
        self._known[given.login] = stored, digest
        return True


def _same(password: bytes, hashed: str) -> bool:
    return checkpw(password, hashed.encode())
