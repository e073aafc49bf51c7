"""The running sums of series in segments of one account each, exchanged account by account."""

from collections.abc import Iterable, Mapping

from aggregates.ledger.ledger import Key, Prefix
from aggregates.ledger.measure import Segment, Series


class AccountCells:
    """Running sums, by measure and by account.

    An account is told by the number of its shard and its id, which comes last in its segments.

    Attributes:
        accounts: The keys that each account has.
    """

    def __init__(self) -> None:
        self.accounts: dict[tuple[int, str], list[Key]] = {}
        self._of: dict[str, dict[Key, Prefix]] = {}
        self._revisions: dict[str, int] = {}

    def exchange(self, accounts: Iterable[tuple[int, str]], sums: Mapping[Key, Prefix]) -> None:
        """Takes what accounts have now in place of what they had."""
        changed: set[str] = set()
        by_id: dict[str, list[Key]] = {}
        for key in sums:
            by_id.setdefault(key[1][-1], []).append(key)
        for each in accounts:
            for key in self.accounts.pop(each, ()):
                name = key[0][0]
                changed.add(name)
                if key not in sums:
                    del self._of[name][key]
            if own := by_id.get(each[1]):
                self.accounts[each] = own
        for key, prefix in sums.items():
            name = key[0][0]
            changed.add(name)
            self._of.setdefault(name, {})[key] = prefix
        for name in changed:
            self._revisions[name] = self._revisions.get(name, 0) + 1

    def revision(self, measure: str) -> int:
        """Returns a number that grows whenever a series of a measure may change."""
        return self._revisions.get(measure, 0)

    def keys_of(self, measure: str) -> list[Key]:
        """Returns the series and segments of a measure that hold a cell."""
        return list(self._of.get(measure, ()))

    def prefix(self, series: Series, segment: Segment) -> Prefix:
        """Returns a series' tiles, ascending, and the running sums of its deltas."""
        return self._of[series[0]][series, segment]
