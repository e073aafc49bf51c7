"""Lent: what accounts tell each other of the subscriptions that go over from one to another.

Whoever has such a subscription, or had or will have it, knows all that is told of it, and of its
line: of those that take its place, of those whose place it or they take, and so on. Each account
lends the others its own part, and hands on what it was lent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from aggregates.revenue.life import SELF, Word
from aggregates.revenue.phase import TRANSFERRED
from aggregates.revenue.receipt import CASH, receipt_of
from aggregates.rows.family import Scope
from aggregates.rows.history import Fact


def concerned(transfers: Sequence[Fact], facts: Sequence[Fact]) -> dict[str, set[str]]:
    """Returns the accounts that are concerned by subscriptions that go over, by subscription.

    Those of one are concerned by all that go over too and share its line, whoever tells of that.
    """
    gone = {fact.data["sub"] for fact in facts if fact.type == TRANSFERRED}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for fact in transfers:
        found[fact.data["sub"]] |= {fact.data["of"], fact.data["into"]}
    lines = lines_of(facts)
    for line in {line for sub in found for line in [lines.get(sub, frozenset((sub,)))]}:
        accounts = set[str]().union(*(found[sub] for sub in line if sub in found))
        found.update((sub, set(accounts)) for sub in line if sub in gone or sub in found)
    return found


def lines_of(facts: Sequence[Fact]) -> dict[str, frozenset[str]]:
    """Returns the subscriptions that took each other's place, or that of one, or are in one's.

    By each of them; those without others are left out.
    """
    lines: dict[str, set[str]] = {}
    for fact in facts:
        named = set() if fact.type in CASH else {fact.data["sub"], *fact.data.get("replaces", ())}
        if len(named) > 1:
            line = named.union(*(lines.get(sub, ()) for sub in named))
            lines.update(dict.fromkeys(line, line))
    fixed = {id(line): frozenset(line) for line in lines.values()}
    return {sub: fixed[id(line)] for sub, line in lines.items()}


def facts_about(subs: Collection[str], facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Returns the facts about each of some subscriptions, and about all of its line, in order.

    What was paid for them, and given back of that, is among them.
    """
    places: defaultdict[str | None, list[int]] = defaultdict(list)
    billed: defaultdict[str | None, set[str | None]] = defaultdict(set)
    cash = {place: receipt_of(fact) for place, fact in enumerate(facts) if fact.type in CASH}
    for receipt in cash.values():
        billed[receipt.invoice].add(receipt.sub)
    for place, fact in enumerate(facts):
        if place in cash:
            invoice, sub = cash[place].invoice, cash[place].sub
            for each in {sub} if invoice is None else billed[invoice]:
                places[each].append(place)
        else:
            places[fact.data["sub"]].append(place)
    lines = lines_of(facts)

    def about(sub: str) -> list[Fact]:
        line = lines.get(sub, (sub,))
        return [facts[place] for place in sorted({at for each in line for at in places[each]})]

    return {sub: about(sub) for sub in subs}


def told_by(
    own: Sequence[Fact], lent: Sequence[tuple[Sequence[str], Sequence[Fact]]], scope: Scope
) -> tuple[Iterable[Word], list[Fact]]:
    """Returns what an account and those that lend to it tell: of states, and of cash, in order.

    Args:
        own: What the account itself tells, in order.
        lent: What others tell, each with its ids.
        scope: The account.
    """
    if not lent:
        states = [fact for fact in own if fact.type not in CASH]
        words = (Word(place, SELF, fact) for place, fact in enumerate(states))
        return _named(words, scope, {}), [fact for fact in own if fact.type in CASH]
    names: dict[str, str] = {}
    known = {(fact.source, fact.id) for fact in own}
    told: list[tuple[str, Fact]] = []
    for (lender, *merged), facts in lent:
        if scope.is_account(lender):
            continue
        names |= dict.fromkeys((lender, *merged), lender)
        for fact in facts:
            if (fact.source, fact.id) not in known:
                known.add((fact.source, fact.id))
                told.append((lender, fact))
    told += [(SELF, fact) for fact in own]
    told.sort(key=lambda each: _place(each[1]))
    words = (
        Word(place, teller, fact)
        for place, (teller, fact) in enumerate(told)
        if fact.type not in CASH
    )
    return _named(words, scope, names), [fact for _, fact in told if fact.type in CASH]


def _place(fact: Fact) -> tuple[Any, ...]:
    """Returns the place of a fact: of transfers at one instant the same for all accounts."""
    if fact.type == TRANSFERRED:
        return fact.effective_ms, 0, fact.order
    return fact.effective_ms, 1


def _named(words: Iterable[Word], scope: Scope, names: dict[str, str]) -> Iterator[Word]:
    """Yields words, of which transfers name each account by one id alone."""

    def named(account: str) -> str:
        return SELF if scope.is_account(account) else names.get(account, account)

    for word in words:
        fact = word.fact
        if fact.type == TRANSFERRED:
            data = {**fact.data, "of": named(fact.data["of"]), "into": named(fact.data["into"])}
            word = word._replace(fact=msgspec.structs.replace(fact, data=data))
        yield word
