"""Which account a person belongs to, and which persons are one."""

from collections.abc import Iterable

from events.sources.accounts import AccountMapError, pairs


class MembersError(AccountMapError):
    """A table of members cannot be read."""


class People:
    """Persons, their accounts, and who turned out to be whom.

    What it returns holds for what it was told so far: for all records, only at the end of them.
    """

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        """Reads the CSV files of the option `members`.

        Raises:
            MembersError: If a file lacks the columns, or gives a user two accounts.
        """
        self._settled: dict[str, str] = {}
        self._accounts: dict[str, set[str]] = {}
        self._same: dict[str, set[str]] = {}
        self._new: dict[str, set[str]] = {}
        for content in files:
            for line, person, account in pairs("members", content, "user_id", "account_id"):
                if self._settled.setdefault(person, account) != account:
                    raise MembersError(
                        f"members: line {line}: {person!r} is of {self._settled[person]!r}; whose "
                        "usage is of several accounts has to name the account in each message"
                    )

    def settled(self, person: str) -> str | None:
        """Returns the account that the option gives a person: no record changes it."""
        return self._settled.get(person)

    def join(self, person: str, account: str) -> None:
        """A person belongs to an account."""
        self._accounts.setdefault(person, set()).add(account)

    def link(self, old: str, new: str) -> None:
        """Two ids are of one person, who goes on under the new one."""
        self._new.setdefault(old, set()).add(new)
        self._same.setdefault(old, set()).add(new)
        self._same.setdefault(new, set()).add(old)

    def is_linked(self, person: str) -> bool:
        """Whether a person has another id too."""
        return person in self._same

    def turned_out(self, person: str) -> str | None:
        """Returns who a person turned out to be; None if nobody else, or one of several."""
        found = self._new.get(person, ())
        return next(iter(found)) if len(found) == 1 else None

    def accounts(self, person: str) -> tuple[str, ...]:
        """Returns the accounts that a person may act for: one if it is certain.

        Those that were told of this id come first; only if there are none, those of all ids that
        are the same person.
        """
        if own := self._own(person):
            return tuple(sorted(own))
        found: set[str] = set()
        reached, ahead = {person}, [person]
        while ahead:
            following = self._same.get(ahead.pop(), set()) - reached
            reached |= following
            ahead += following
            for each in following:
                found |= self._own(each)
        return tuple(sorted(found))

    def _own(self, person: str) -> set[str]:
        settled = self._settled.get(person)
        return self._accounts.get(person, set()) if settled is None else {settled}
