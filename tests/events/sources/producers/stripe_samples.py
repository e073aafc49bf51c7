"""Writes ``tests/events/sources/stripe/samples``, with Stripe's own library as the witness.

Every object is given all fields that the library's types have, and may have no other; those of
events before the version of the library are left as ``made.py`` has them. Run from the root, in an
environment with ``requirements.lock`` beside this file:

    python -m tests.events.sources.producers.stripe_samples
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.events.sources.stripe.made import SHAPES
from tests.events.sources.stripe.story import PRICES, events, same_update

FOLDER: Final = Path(__file__).parents[1] / "stripe" / "samples"

CLASSES: Final = {
    "charge": "Charge",
    "coupon": "Coupon",
    "customer": "Customer",
    "discount": "Discount",
    "event": "Event",
    "invoice": "Invoice",
    "invoice_payment": "InvoicePayment",
    "line_item": "InvoiceLineItem",
    "price": "Price",
    "refund": "Refund",
    "subscription": "Subscription",
    "subscription_item": "SubscriptionItem",
}
"""The class of each object."""

ONLY_INCLUDED: Final = {"applies_to", "currency_options", "deleted", "tiers", "status_details"}
"""Fields that are there only on demand, or only in a certain state."""

NOT_TYPED: Final = {"livemode"}
"""Fields that the API has on objects whose type in the library lacks them."""


def filled(thing: Any, stripe: Any) -> Any:
    """Returns a value with all fields that the library's type has; id and kind first, as sent."""
    if isinstance(thing, list):
        return [filled(each, stripe) for each in thing]
    if not isinstance(thing, dict):
        return thing
    inside = {name: filled(value, stripe) for name, value in thing.items()}
    kind = thing.get("object")
    if not isinstance(kind, str) or kind not in CLASSES:
        return inside
    fields = getattr(stripe, CLASSES[kind]).__annotations__
    names = {name for name in fields if name.islower() and not name.startswith("_")}
    unknown = inside.keys() - names - NOT_TYPED
    assert not unknown, f"{kind} has no {sorted(unknown)}"
    inside |= {name: None for name in sorted(names - ONLY_INCLUDED - inside.keys())}
    first = {name: inside.pop(name) for name in ("id", "object") if name in inside}
    return first | dict(sorted(inside.items()))


def written(made: dict[str, Any], stripe: Any) -> str:
    """Returns an event as a line, whole if it is of the library's API version."""
    is_current = made["api_version"] == stripe.api_version
    return json.dumps(filled(made, stripe) if is_current else made) + "\n"


def main() -> None:
    """Writes the files."""
    stripe = import_module("stripe")
    FOLDER.mkdir(exist_ok=True)
    for name, some in (
        ("events.ndjson", events()),
        ("shapes.ndjson", [same_update(shape) for shape in SHAPES]),
    ):
        text = "".join(written(made, stripe) for made in some)
        (FOLDER / name).write_text(text, encoding="utf-8")
    page = {"object": "list", "url": "/v1/prices", "has_more": False}
    listed = page | {"data": [filled(each, stripe) for each in PRICES]}
    (FOLDER / "prices.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
