"""Pseudonyms: hashes of names under a key of one run that is kept nowhere.

Alike for the same name, so what was equal is equal; and nobody can compute them again.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

ERASED: Final = "erased"
"""Stands where people wrote something, and before each pseudonym."""

_HASH_BYTES: Final = 16
"""Of a pseudonym: two of them are never the same."""


class Pseudonyms:
    """New names of one run: the same for the same name, and of accounts where they lie."""

    def __init__(self, key: bytes, lies_alike: Callable[[str, str], bool] | None = None) -> None:
        """Takes what makes this run's names its own.

        Args:
            key: Random bytes, kept nowhere.
            lies_alike: Whether two accounts lie in the same partition; left out, all do.
        """
        self._key = key
        self._lies_alike = lies_alike
        self._accounts: dict[str, str] = {}

    def of(self, name: str, nonce: str = "") -> str:
        """Returns the new name of anything but an account."""
        said = f"{nonce}:{name}".encode(errors="surrogatepass")
        return f"{ERASED}-{blake2b(said, key=self._key, digest_size=_HASH_BYTES).hexdigest()}"

    def of_account(self, account: str) -> str:
        """Returns the new name of an account, which lies in the same partition."""
        known = self._accounts.get(account)
        tries = 0
        while known is None:
            found = self.of(account, f"account{tries}")
            if self._lies_alike is None or self._lies_alike(found, account):
                known = self._accounts[account] = found
            tries += 1
        return known
