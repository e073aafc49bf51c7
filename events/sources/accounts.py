"""Which of our accounts theirs are."""

import csv
import io
from collections.abc import Iterable

from events.errors import TidemarkError


class AccountMapError(TidemarkError):
    """A map of accounts cannot be read."""


class AccountMap:
    """Their ids of accounts by ours; an id that is not named stands for itself."""

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        """Reads the CSV files of ``Options.accounts``.

        Raises:
            AccountMapError: If a file lacks the columns, or gives one of theirs to two accounts.
        """
        self._ours: dict[str, str] = {}
        for content in files:
            try:
                rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
                if not {"theirs", "account_id"} <= set(rows.fieldnames or ()):
                    raise AccountMapError("accounts: needs the columns theirs and account_id")
                for row in rows:
                    self._add(row["theirs"], row["account_id"], rows.line_num)
            except (UnicodeDecodeError, csv.Error) as error:
                raise AccountMapError(f"accounts: {error}") from error

    def _add(self, theirs: str | None, ours: str | None, line: int) -> None:
        if not theirs or not ours:
            raise AccountMapError(f"accounts: line {line}: both columns are needed")
        if self._ours.setdefault(theirs, ours) != ours:
            raise AccountMapError(f"accounts: line {line}: {theirs!r} is {self._ours[theirs]!r}")

    def __call__(self, theirs: str) -> str:
        r"""Returns our account of one of theirs.

        >>> AccountMap([b"theirs,account_id\ncus_2,acme\n"])("cus_2"), AccountMap()("cus_2")
        ('acme', 'cus_2')
        """
        return self._ours.get(theirs, theirs)
