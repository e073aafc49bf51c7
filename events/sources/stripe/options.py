"""What the source may be told."""

from typing import Literal

from events.sources.options import Contents, Options


class StripeOptions(Options):
    """Options of the source `stripe`."""

    account_key: str | None = None
    """Key of metadata that names your account: of the subscription first, then of its customer (an
    expanded one, or one in `customers`); where it is missing, `accounts` or the customer's id."""
    segment_key: str | None = None
    """Key of a customer's metadata that is told as its `segment`."""
    region_key: str | None = None
    """Key of a customer's metadata that is told as its `region`."""
    csm_key: str | None = None
    """Key of a customer's metadata that is told as its `csm_id`."""
    attributes: tuple[str, ...] = ()
    """Keys of a customer's metadata that are told as attributes under their own names."""
    plan: Literal["price", "product", "lookup_key", "nickname"] = "price"
    """What of a price is its plan; where it has none, its id."""
    prices: Contents = ()
    """Lists of prices with their tiers (`GET /v1/prices?expand[]=data.tiers`): events have none."""
    coupons: Contents = ()
    """Lists of coupons (`GET /v1/coupons?expand[]=data.applies_to`): discounts name them by id."""
    discounts: Contents = ()
    """Discounts, or the very file of events that is imported: subscriptions name discounts by id,
    and those of a whole customer not at all."""
    customers: Contents = ()
    """Lists of customers (`GET /v1/customers`), for their metadata and their own discounts."""
    invoice_payments: Contents = ()
    """Lists of invoice payments (`GET /v1/invoice_payments`): which invoice a refund gives back."""
    first_payment_failure: Literal["past_due", "unpaid", "paused"] = "past_due"
    """What a subscription is that was paused since a first attempt to collect failed."""
    trial_without_payment_method: Literal["paused", "deleted"] = "paused"
    """What a subscription is that was paused since its trial ended without a way to pay."""
    collection_pauses: Literal["none", "void", "free", "all"] = "void"
    """Which `pause_collection` is a pause: that voids invoices; `free` those that write them off
    too; `all` those too that keep them as drafts, to be collected later; or none."""
    retention_policy: Literal["by_state", "voluntary", "involuntary"] = "by_state"
    """What an end by Stripe's retention policy is; `by_state`, involuntary if it was unpaid."""
