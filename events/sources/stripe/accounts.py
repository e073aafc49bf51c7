"""Whose an object is: which of our accounts."""

from events.sources.accounts import AccountMap
from events.sources.source import GapError
from events.sources.stripe.known import Known
from events.sources.stripe.objects import Customer, Metadata, id_of


class Accounts:
    """Our accounts by metadata, else by a map, else by the customer's own id."""

    def __init__(self, key: str | None, mapped: AccountMap, known: Known) -> None:
        """Takes the key of metadata that names accounts, a map of customers, and customers."""
        self._key = key
        self._mapped = mapped
        self._known = known

    def of(
        self,
        metadata: Metadata | None,
        customer: str | Customer | None,
        customer_account: str | None = None,
    ) -> str:
        """Returns our account.

        Args:
            metadata: That of the object itself.
            customer: Its customer.
            customer_account: What Stripe has in place of a customer since its accounts of 2025.

        Raises:
            GapError: If it names neither.
        """
        theirs = id_of(customer) or customer_account
        if self._key is not None:
            named = (metadata or {}).get(self._key) or self._by_customer(customer)
            if named:
                return named
        if not theirs:
            raise GapError("account_unknown", "a customer")
        return self._mapped(theirs)

    def _by_customer(self, customer: str | Customer | None) -> str | None:
        assert self._key is not None
        found = customer if isinstance(customer, Customer) else None
        if found is None and customer is not None:
            found = self._known.customers.get(id_of(customer) or "")
        return None if found is None else (found.metadata or {}).get(self._key)
