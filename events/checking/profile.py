"""The profile of a history: what there is of it, whether it is right or not."""

from collections import Counter
from typing import Any

from events.event import Event
from events.records import HotEvent


class Profile:
    """Counts over all records.

    Attributes:
        records: Records read.
        taken: Events among them that the decoder takes.
        tests: Events that the producer marks as tests, which are not taken.
        types: Records by type, known or not.
        currencies: Sums of money by currency.
        accounts: Ids of accounts; as many as there are customers.
        first_ms: Earliest time of an event, ms of the epoch; None while there is none.
        last_ms: The latest.
    """

    def __init__(self) -> None:
        """Begins empty."""
        self.records = self.taken = self.tests = 0
        self.types: Counter[str] = Counter()
        self.currencies: Counter[str] = Counter()
        self.accounts: set[str] = set()
        self.first_ms: int | None = None
        self.last_ms: int | None = None

    def take(self, event: Event | HotEvent[Any], time_ms: int) -> None:
        """Takes an event with its time, in ms of the epoch."""
        self.taken += 1
        if self.first_ms is None or time_ms < self.first_ms:
            self.first_ms = time_ms
        if self.last_ms is None or time_ms > self.last_ms:
            self.last_ms = time_ms
        account = event.data.account_id
        if account is not None:
            self.accounts.add(account)
        currency = getattr(event.data, "currency", None)
        if currency is not None:
            self.currencies[currency] += 1
        for item in getattr(event.data, "items", ()):
            self.currencies[item.currency] += 1
