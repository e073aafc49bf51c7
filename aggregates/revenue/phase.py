"""Phases of a subscription: spans of time with one state each.

How facts become phases is in ``aggregates.revenue.life``, the MRR of a phase in
``aggregates.revenue.change``, what becomes of terms in ``aggregates.revenue.term``.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.discount import AppliedDiscount
from aggregates.revenue.receipt import UNPAID_COUNTS, Paid

CREATED: Final = "subscription.created"
PAUSED: Final = "subscription.paused"
RENEWED: Final = "subscription.renewed"
STATES: Final = frozenset(
    {CREATED, PAUSED, RENEWED, "subscription.updated", "subscription.resumed"}
)
"""Event types that carry the full state of a subscription."""

CANCELLATION: Final = "subscription.cancellation_requested"
DELETED: Final = "subscription.deleted"
TRANSFERRED: Final = "subscription.transferred"

PAYMENT_FAILURES: Final = frozenset(
    "card_declined card_expired delinquent dunning expired_card failed_payment insufficient_funds "
    "involuntary non_payment nonpayment payment_declined payment_failed payment_failure "
    "uncollectible unpaid".split()
)
"""Reasons of an end that the customer did not choose."""


class Status(StrEnum):
    """Statuses that count in some way; revenue of any other is 0."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    TRIALING = "trialing"
    PAUSED = "paused"
    UNPAID = "unpaid"


ENDED: Final = "deleted"
"""Status of the phase after a deletion, or where the subscription went to another account."""
ARRIVING: Final = "arriving"
"""Status after it came from another account, until its state is told."""
GOING_ON: Final = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.TRIALING, Status.PAUSED})
"""Statuses in which a subscription goes on, whether it counts or not."""
_UNRATED: Final[Mapping[str, int]] = MappingProxyType({})


class StatedTerm(NamedTuple):
    """What a state says of terms; instants are ms of the epoch.

    Attributes:
        end_ms: When the current term ends, or None.
        follows_ms: When the term before it ended, if that is not when the phase begins, or None.
        renews: Whether the term before is renewed.
        days: Whole days of the current term.
    """

    end_ms: int | None = None
    follows_ms: int | None = None
    renews: bool = False
    days: int = 0


class SubscriptionPhase(NamedTuple):
    """What a subscription is from one fact to the next; times are ms of the epoch.

    Attributes:
        begin_ms: From when on it holds.
        place: Place of its fact among those of the account.
        status: Status, or ``deleted``.
        items: Licensed items, those billed most often first.
        discounts: Discounts with the bounds in which each is in effect.
        listed: The same as they are listed.
        start_ms: Revenue does not begin before, or None.
        cancel_ms: The subscription ends then unless another fact comes before, or None.
        cancelling: Whether it is known that it will end.
        resumes_ms: When a pause ends by itself, or None.
        retention: Whether it is a free period that keeps a paying customer.
        involuntary: Whether an end in this phase is one that the customer did not choose.
        replaces: The subscriptions that it takes the place of.
        rated_ms: Since when each foreign currency is in use: the rate of then is kept.
        past_due_ms: Since when payment is late, without a break, or None.
        term: The term that it is in.
        trial_ms: Since when it is on trial, or None.
        metered: Whether it has an item that is paid by use.
        transferred: Whether it has ended here by going over to another account.
        was_over: Whether it had ended before it went over.
        arrives: Whether it is as it has come from another account.
        came: What it was before, there, if that is known; else none.
    """

    begin_ms: int
    place: int
    status: str
    items: Sequence[LicensedItem] = ()
    discounts: tuple[AppliedDiscount, ...] = ()
    listed: Sequence[AppliedDiscount] = ()
    start_ms: int | None = None
    cancel_ms: int | None = None
    cancelling: bool = False
    resumes_ms: int | None = None
    retention: bool = False
    involuntary: bool = False
    replaces: tuple[str, ...] = ()
    rated_ms: Mapping[str, int] = _UNRATED
    past_due_ms: int | None = None
    term: StatedTerm = StatedTerm()
    trial_ms: int | None = None
    metered: bool = False
    transferred: bool = False
    was_over: bool = False
    arrives: bool = False
    came: "Sequence[SubscriptionPhase]" = ()


class Life(NamedTuple):
    """One subscription.

    Attributes:
        phases: Its phases, ascending; none begin at the same instant.
        announced_ends: The spans, in ms, in which a deletion is known that is still to come.
        paid: What was paid for it.
        replaced: The spans, in ms, in which another is signed, or runs, in its place.
    """

    phases: Sequence[SubscriptionPhase]
    announced_ends: list[tuple[int, int]]
    paid: Paid = UNPAID_COUNTS
    replaced: Sequence[tuple[int, int]] = ()

    def starts_ms(self, phase: SubscriptionPhase) -> int:
        """Returns from when a phase may count: once it has begun, started and been paid for."""
        return max(phase.begin_ms, phase.start_ms or 0, self.paid.first_ms)


Lives = Mapping[str, Life]
"""The subscriptions of an account by id."""
