"""Subscriptions: what became of all subscriptions of one account.

One row an account, since movements of revenue are those of accounts. Its facts keep states in
compact form (``aggregates.revenue.stated``); beside them lie those of what was paid and given back
(``aggregates.revenue.receipt``). Of subscriptions that go over from one account to another, each
account is lent what the others tell (``aggregates.revenue.ownership``).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, cast

import msgspec

from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue import money, receipt
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.found import Revenue, revenue_of
from aggregates.revenue.invoice import with_invoices
from aggregates.revenue.lent import concerned, facts_about, told_by
from aggregates.revenue.ownership import Holdings, holdings_of
from aggregates.revenue.phase import (
    CANCELLATION,
    DELETED,
    RENEWED,
    STATES,
    TRANSFERRED,
    Lives,
    Status,
)
from aggregates.revenue.receipt import CASH
from aggregates.revenue.replaced import without_replaced
from aggregates.revenue.retention import with_offers
from aggregates.revenue.stated import items_of, kept, place_ms
from aggregates.revenue.succession import with_replacements
from aggregates.revenue.timeline import clicks_of
from aggregates.rows.family import Scope
from aggregates.rows.history import Fact, History, Outcome
from aggregates.rows.kind import HistoryKind
from events import Event
from events.retraction import Target
from events.subscription import SubscriptionTransferred


class Subscriptions(History):
    """The history of an account's subscriptions, with its steps of revenue as last computed.

    Attributes:
        tellers: Of what another account tells of one that went over, the ids of that account.
        lent: What other accounts tell of those that went over, here or from here.
    """

    __slots__ = ("_is_transferred", "_revenue", "lent", "tellers")

    def __init__(
        self,
        facts: list[Fact] | None = None,
        retracted: set[Target] | None = None,
        tellers: Sequence[str] = (),
        lent: Sequence["Subscriptions"] = (),
    ) -> None:
        super().__init__(facts, retracted)
        self.tellers = tellers
        self.lent = lent
        self._revenue: tuple[Scope, Revenue] | None = None
        self._is_transferred: bool | None = None

    def insert(self, fact: Fact) -> Outcome:
        """Files a fact under its order; see ``History.insert``."""
        known = self._revenue
        if known is not None and (fact.type not in CASH or known[0].policy.reads_invoices):
            self._revenue = None
        if fact.type == TRANSFERRED:
            self._is_transferred = True
        return super().insert(fact)

    def retract(self, target: Target) -> None:
        """Takes an event out of what stands."""
        self._revenue = None
        super().retract(target)

    def transfers(self) -> list[Fact]:
        """Returns what the account itself is told of subscriptions that go over."""
        if self._is_transferred is None:
            self._is_transferred = any(fact.type == TRANSFERRED for fact in self.facts)
        if not self._is_transferred:
            return []
        return [fact for fact in self.unretracted() if fact.type == TRANSFERRED]

    def has_terms(self) -> bool:
        """Returns whether any fact is about terms."""
        return any("term" in fact.data or fact.type == RENEWED for fact in self.every())

    def has_trials(self) -> bool:
        """Returns whether any fact is about a trial."""
        return any(fact.data.get("status") == Status.TRIALING for fact in self.every())

    def every(self) -> Iterator[Fact]:
        """Yields all facts, whoever told them."""
        yield from self.facts
        yield from self.every_lent()

    def every_lent(self) -> Iterator[Fact]:
        """Yields the facts that others told."""
        for piece in self.lent:
            yield from piece.facts

    def lives(self, scope: Scope) -> Lives:
        """Returns what the account has of its subscriptions, while it has them.

        Those that others take the place of are over by then.
        """
        return without_replaced(self.holdings(scope), scope.policy).here()

    def holdings(self, scope: Scope) -> Holdings:
        """Returns its subscriptions; not kept, since they are more than the facts are."""
        pieces = [(piece.tellers, piece.facts) for piece in self.lent]
        words, cash = told_by(self.unretracted(), pieces, scope)
        holdings = holdings_of(words, scope)
        lives = holdings.lives
        if scope.policy.reads_invoices:
            lives = with_invoices(lives, cash, scope.policy)
        return holdings._replace(lives=with_replacements(lives))

    def cash(self) -> list[Fact]:
        """Returns the facts of what was paid and given back, in order."""
        return [fact for fact in self.unretracted() if fact.type in CASH]

    def steps(self, scope: Scope) -> StepFunction[AccountRevenue]:
        """Returns the account's steps; not to be changed."""
        return self.revenue(scope).steps

    def revenue(self, scope: Scope) -> Revenue:
        """Returns the account's revenue, computed once for all that read it; not to be changed."""
        known = self._revenue
        if known is None or not _is_alike(known[0], scope):
            clicks = clicks_of(self.unretracted())
            holdings = with_offers(
                without_replaced(self.holdings(scope), scope.policy), scope.policy
            )
            known = self._revenue = scope, revenue_of(holdings, clicks, scope.policy)
        return known[1]


def _is_alike(scope: Scope, other: Scope) -> bool:
    """Returns whether steps are the same in two scopes."""
    return scope.policy is other.policy and scope.account.merged == other.account.merged


class SubscriptionRows(HistoryKind[Subscriptions]):
    """One row an account."""

    lends = True

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a transfer under both accounts, other facts under their own."""
        if event.type != TRANSFERRED:
            return (event.key,)
        return event.key, cast(SubscriptionTransferred, event.data).into_account_id

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Refuses money in a currency without an exchange rate."""
        if event.type in CASH:
            return receipt.refusal(event, policy)
        if event.type not in STATES:
            return None
        currencies = (item.currency for item in items_of(event.data))
        return money.refusal(currencies, place_ms(event), policy)

    def parts(self, row: Subscriptions) -> Mapping[str, Collection[str]]:
        """Returns the subscriptions that go over, each with the accounts that are named of it.

        Those of one in whose place it is read of it too, and of those in its place elsewhere.
        """
        transfers = row.transfers()
        if not transfers:
            return {}
        return concerned(transfers, [*row.unretracted(), *row.every_lent()])

    def split(
        self, row: Subscriptions, names: Collection[str], accounts: Sequence[str]
    ) -> Mapping[str, Subscriptions]:
        """Returns what an account tells of subscriptions, and of others in the place of each."""
        parts = facts_about(names, row.unretracted())
        return {name: Subscriptions(facts, tellers=accounts) for name, facts in parts.items()}

    def united(self, rows: Sequence[Subscriptions]) -> Sequence[Subscriptions]:
        """Returns one history, beside which lies what other accounts tell."""
        lent = [row for row in rows if row.tellers]
        if not lent:
            return super().united(rows)
        own = super().united([row for row in rows if not row.tellers]) or [Subscriptions()]
        return [Subscriptions(own[0].facts, own[0].retracted, lent=lent)]

    def pack(self, row: Subscriptions) -> bytes:
        """Packs the facts and retractions, and whose they are."""
        return msgspec.msgpack.encode((super().pack(row), row.tellers))

    def unpack(self, packed: bytes) -> Subscriptions:
        """Unpacks the facts and retractions, and whose they are."""
        history, tellers = _decoder.decode(packed)
        if not tellers:
            return super().unpack(history)
        facts, _ = _part_decoder.decode(history)  # as they follow there, whatever their ids
        return Subscriptions(facts, tellers=tellers)


_part_decoder: Final = msgspec.msgpack.Decoder(tuple[list[Fact], list[str]])
_decoder: Final = msgspec.msgpack.Decoder(tuple[bytes, tuple[str, ...]])


SUBSCRIPTIONS: Final = SubscriptionRows(
    Subscriptions,
    name="subscription",
    topic="subscription",
    types=STATES | CASH | {CANCELLATION, DELETED, TRANSFERRED},
    keep=kept,
    since=place_ms,
    version=6,
)
