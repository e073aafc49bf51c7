"""Customers as accounts, with what their metadata says of them."""

from typing import Any

from events.sources.stripe.accounts import Accounts
from events.sources.stripe.event import Event
from events.sources.stripe.instants import instant
from events.sources.stripe.objects import Customer
from events.sources.stripe.options import StripeOptions
from events.sources.told import Told


class Customers:
    """Tells customers."""

    def __init__(self, options: StripeOptions, accounts: Accounts) -> None:
        """Takes the options, which name keys of metadata, and accounts."""
        named = {
            "segment": options.segment_key,
            "region": options.region_key,
            "csm_id": options.csm_key,
        }
        self._keys = {name: key for name, key in named.items() if key is not None}
        self._keys |= {key: key for key in options.attributes}
        self._accounts = accounts

    def told(self, event: Event, customer: Customer, source: str) -> Told | None:
        """Returns what a customer's event says of its account, or None if nothing of it is asked.

        Metadata is whole: what is not in it any more is taken away.

        Raises:
            GapError: If it is nobody's.
        """
        is_new = event.type == "customer.created"
        if not is_new and not self._keys:
            return None
        metadata = customer.metadata or {}
        data: dict[str, Any] = {"account_id": self._accounts.of(metadata, customer)}
        for name, key in self._keys.items():
            value = metadata.get(key) or None
            if value is not None or not is_new:
                data[name] = value
        return Told(
            id=event.id,
            source=source,
            type="account.created" if is_new else "account.updated",
            time=instant(event.created),
            data=data,
        )
