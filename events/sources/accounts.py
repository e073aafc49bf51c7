"""Which of our accounts theirs are."""

import csv
import io
from collections.abc import Iterable, Iterator

from events.errors import TidemarkError


class AccountMapError(TidemarkError):
    """A map of accounts, or of members, cannot be read."""


def pairs(option: str, content: bytes, *columns: str) -> Iterator[tuple[int, str, str]]:
    """Yields line and cells of the two columns of a CSV file; blanks around cells are taken off.

    Raises:
        AccountMapError: If it lacks a column or a cell, or is no CSV in UTF-8.
    """
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        header = [name.strip() for name in next(rows, [])]
        if not set(columns) <= set(header):
            raise AccountMapError(
                f"{option}: needs the columns {' and '.join(columns)}, with a comma between; "
                f"there are: {', '.join(map(repr, header)) or 'none'}"
            )
        places = [header.index(name) for name in columns]
        for row in rows:
            if not any(map(str.strip, row)):
                continue
            first, second = (row[at].strip() if at < len(row) else "" for at in places)
            if not first or not second:
                raise AccountMapError(f"{option}: line {rows.line_num}: both columns are needed")
            yield rows.line_num, first, second
    except (UnicodeDecodeError, csv.Error) as error:
        raise AccountMapError(f"{option}: {error}") from error


class AccountMap:
    """Their ids of accounts by ours; an id that is not named stands for itself."""

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        """Reads the CSV files of ``Options.accounts``.

        Raises:
            AccountMapError: If a file lacks the columns, or gives one of theirs to two accounts.
        """
        self._ours: dict[str, str] = {}
        for content in files:
            for line, theirs, ours in pairs("accounts", content, "theirs", "account_id"):
                if self._ours.setdefault(theirs, ours) != ours:
                    known = self._ours[theirs]
                    raise AccountMapError(f"accounts: line {line}: {theirs!r} is {known!r}")

    def __call__(self, theirs: str) -> str:
        r"""Returns our account of one of theirs.

        >>> AccountMap([b"theirs,account_id\ncus_2,acme\n"])("cus_2"), AccountMap()("cus_2")
        ('acme', 'cus_2')
        """
        return self._ours.get(theirs, theirs)
