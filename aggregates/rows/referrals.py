"""Referrals: to whom an account recommended the product, and what came of it.

One row an account, since recommending the same account twice is one referral.
"""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import ReferralFact

CREATED: Final = "referral.created"
CONVERTED: Final = "referral.converted"

ITSELF: Final = ""
"""The referred account of a referral that an account made of itself; no id is empty."""


class Referrals(HistoryRows):
    """One row an account that refers others."""

    name = "referral"
    topic = "account"
    types = frozenset({CREATED, CONVERTED})

    def entity(self, event: Event) -> str:
        """Gives the empty id: an account has one row."""
        return ""

    def fold(self, row: History, event: Event) -> Outcome:
        """Files a step of a referral, and whom it names."""
        data = cast(ReferralFact, event.data)
        referred = data.referred_account_id
        named = ITSELF if referred == data.account_id else referred
        return row.insert(fact_of(event, {"referral": data.referral_id, "referred": named}))


REFERRALS: Final = Referrals()
