"""The status of a subscription in our sense: Stripe has several pauses, and one is a loss.

``paused`` was the end of a trial without a way to pay, and nothing else, until dahlia; since then
``status_details`` says why. After the last failed attempt to collect it is what ``unpaid`` is:
revenue lost for want of payment. ``pause_collection`` leaves the status as it is.

Source: docs.stripe.com, changelogs of 2026-09-30.endive (pause-subscription,
pause-on-payment-failure) and billing/subscriptions/pause-payment.
"""

from typing import Any, Final, NamedTuple

from events.sources.source import GapError
from events.sources.stripe.objects import Subscription
from events.sources.stripe.options import StripeOptions

STATE: Final = "state"
PAUSE: Final = "pause"
END: Final = "end"

_COLLECTION_PAUSES: Final = {
    "none": frozenset[str](),
    "void": frozenset({"void"}),
    "free": frozenset({"void", "mark_uncollectible"}),
    "all": frozenset({"void", "mark_uncollectible", "keep_as_draft"}),
}


class Status(NamedTuple):
    """A status in our sense.

    Attributes:
        name: Our status.
        type: ``STATE``; ``PAUSE`` if it is told as a pause; ``END`` if as an end.
        resumes_at: When the pause is to end, seconds of the epoch, if that is told.
    """

    name: str
    type: str = STATE
    resumes_at: int | None = None


_USUAL: Final = {
    name: Status(name)
    for name in "trialing active past_due unpaid incomplete incomplete_expired canceled".split()
}


def status_of(sub: Subscription, options: StripeOptions) -> Status:
    """Returns the status of a subscription.

    Raises:
        GapError: If it is none that is known here.
    """
    if sub.status == "paused":
        return _paused(sub, options)
    usual = _USUAL.get(sub.status)
    if usual is None:
        raise GapError("status_unknown", f"a meaning of the status {sub.status[:40]!r}")
    collection = sub.pause_collection
    if collection is not None and sub.status in ("active", "past_due"):
        behavior = collection.get("behavior")
        if not isinstance(behavior, str) or behavior not in _COLLECTION_PAUSES["all"]:
            raise GapError("pause_unknown", f"a meaning of the pause {str(behavior)[:40]!r}")
        if behavior in _COLLECTION_PAUSES[options.collection_pauses]:
            resumes_at = collection.get("resumes_at")
            return Status("paused", PAUSE, resumes_at if type(resumes_at) is int else None)
    return usual


def _paused(sub: Subscription, options: StripeOptions) -> Status:
    why = _at(_at(_at(sub.status_details, "paused"), "subscription"), "type")
    match why:
        case None | "pause_requested" | "system":
            return Status("paused", PAUSE)
        case "final_payment_failure":
            return Status("unpaid")
        case "first_payment_failure":
            name = options.first_payment_failure
            return Status(name, PAUSE if name == "paused" else STATE)
        case "trial_end_without_payment_method":
            is_end = options.trial_without_payment_method == "deleted"
            return Status("paused", END if is_end else PAUSE)
        case _:
            raise GapError("pause_unknown", f"a meaning of the pause {str(why)[:40]!r}")


def _at(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, dict) else None
