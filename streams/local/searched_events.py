"""Searched events: those of some accounts, out of a file or a data folder that is read again."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

SEARCHED_MAX: Final = 3_000_000
"""Events that are searched for those of an account, some seconds; of a longer log none are told."""

FOUND_MAX: Final = 100_000
"""Events of an account that are told; of one with more none are."""

_KNOWN_MAX: Final = 4
"""Searches whose outcome is kept: pages of one account follow each other."""

Lines = Callable[[int], Iterator[tuple[int, list[bytes]]]]
"""Yields the lines after one by its number, many at a time, with the number of the last of them."""


@dataclass(slots=True)
class _Search:
    number: int = 0
    found: list[bytes] | None = field(default_factory=list)


class SearchedEvents:
    """Searches lines that can be read again, and goes on where it was; any thread may use it."""

    def __init__(self, lines: Lines) -> None:
        """Takes the lines."""
        self._lines = lines
        self._searches: OrderedDict[frozenset[str], _Search] = OrderedDict()
        self._lock = threading.Lock()

    def lines_of(self, accounts: Iterable[str]) -> list[bytes] | None:
        """Returns the lines that name one of some accounts; None if that would take too long.

        Raises:
            TidemarkError: If they cannot be read.
        """
        wanted = frozenset(accounts)
        needles = [_needle(account) for account in wanted]
        with self._lock:
            search = self._searches.setdefault(wanted, _Search())
            self._searches.move_to_end(wanted)
            if len(self._searches) > _KNOWN_MAX:
                self._searches.popitem(last=False)
            self._go_on(search, needles)
            return None if search.found is None else list(search.found)

    def _go_on(self, search: _Search, needles: Sequence[bytes]) -> None:
        found = search.found
        if found is None:
            return
        for number, lines in self._lines(search.number):
            search.number = number
            found += [line for line in lines if _names(line, needles)]
            if number > SEARCHED_MAX or len(found) > FOUND_MAX:
                search.found = None
                return


def _names(line: bytes, needles: Sequence[bytes]) -> bool:
    """Returns whether a line has one of some texts, however JSON writes it."""
    if any(needle in line for needle in needles):
        return True
    if b"\\u" not in line and b"\\/" not in line:
        return False
    try:
        plain = json.dumps(json.loads(line), ensure_ascii=False).encode(errors="replace")
    except ValueError:  # no event
        return False
    return any(needle in plain for needle in needles)


def _needle(account: str) -> bytes:
    """Returns an id as JSON has it that escapes nothing."""
    return json.dumps(account, ensure_ascii=False).encode(errors="replace")


def numbered(batches: Callable[[], Iterator[list[bytes]]]) -> Lines:
    """Returns the lines of a source that does not change, which is read once for each search."""

    def lines(after: int) -> Iterator[tuple[int, list[bytes]]]:
        number = 0
        for batch in batches() if not after else ():
            number += len(batch)
            yield number, batch

    return lines
