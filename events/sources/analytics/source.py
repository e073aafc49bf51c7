"""What it means that persons do things: usage, members, merges and sessions, of all vendors."""

from abc import abstractmethod
from collections.abc import Callable
from functools import cache, partial
from sys import intern
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from events.fields import label_of
from events.instant import format_instant
from events.sources.analytics.act import Act
from events.sources.analytics.earliest import Earliest
from events.sources.analytics.message import Message, message_of
from events.sources.analytics.options import EVERY, AnalyticsOptions
from events.sources.analytics.people import People
from events.sources.analytics.sessions import Sessions
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError, Source
from events.sources.told import Told

GivenAnalytics = TypeVar("GivenAnalytics", bound=AnalyticsOptions)

ANONYMOUS: Final = "of nobody who is known"
"""Reason by which acts of devices are passed over that nobody ever identified."""

_OWN_NAMES: Final = ("$", "[Amplitude] ", "[Guides-Surveys] ")
"""How vendors begin the names of events of their own."""


AccountsOf = Callable[[str], tuple[str, ...]]
"""Returns the accounts that a person may act for, when all records are known."""


class Held(NamedTuple):
    """An act that has to wait for its account; kept small, since there may be a great many.

    Attributes:
        act: The act.
        name: The feature that it is the use of; else the reason by which it is passed over.
        is_use: Whether it is the use of a feature.
        told: What else it tells, without the account; or None.
    """

    act: Act
    name: str
    is_use: bool = False
    told: Told | None = None


class AnalyticsSource(Source[GivenAnalytics]):
    """Acts of persons, each of whom belongs to one account or names it in each message.

    Usage cannot be taken back, so none is told on a guess: what does not name its account waits for
    all records, since any of them may say that its person belongs to another account too.
    """

    def __init__(self, options: GivenAnalytics) -> None:
        """Takes the options."""
        super().__init__(options)
        self.people = People(options.members)
        self._features = frozenset(options.features)
        named = (each.partition("=") for each in options.traits)
        self._traits = [(theirs or ours, ours) for ours, _, theirs in named]
        self._sessions = (
            None if options.sessions == "none" else Sessions(by_gap=options.sessions == "gap")
        )
        self._held: list[Held] = []
        self._members: Earliest[tuple[str, str], Told | None] = Earliest()
        self._links: Earliest[tuple[str, str], str] = Earliest()

    def take(self, record: Record, out: Outbox) -> None:
        """Takes one message.

        Raises:
            GapError: If it cannot be told exactly.
        """
        self.take_message(message_of(record), record, out)

    @abstractmethod
    def take_message(self, message: Message, record: Record, out: Outbox) -> None:
        """Takes one message, read.

        Raises:
            GapError: If it cannot be told exactly.
        """

    def event(self, act: Act, kind: str, data: dict[str, Any], part: str = "") -> Told:
        """Returns an event that an act tells; a part of it has a suffix."""
        time = format_instant(act.time_ms)
        return Told(id=act.id + part, source=self.source, type=kind, time=time, data=data)

    def used(self, act: Act, name: str, out: Outbox) -> None:
        """A person did something that may be the use of a feature.

        Raises:
            GapError: If nobody said which names are features.
        """
        own = name.startswith(_OWN_NAMES)
        if name in self._features or (EVERY in self._features and not own):
            self._use(act, name, out)
        elif self._features or own:
            self.seen(act, name, out)
        else:
            raise GapError(
                "features_not_chosen",
                f"--features {name!r} if that is the use of a feature, or those that are",
                act.id,
            )

    def viewed(self, act: Act, name: str, out: Outbox) -> None:
        """A person looked at a page or a screen."""
        feature = name if name in self._features else self.options.pages
        if feature is None:
            self.seen(act, name, out)
        else:
            self._use(act, feature, out)

    def _use(self, act: Act, feature: str, out: Outbox) -> None:
        self._note(act)
        account = self._certain(act)
        if account is None:
            self._held.append(Held(act, intern(feature), is_use=True))
        else:
            out.tell(act.record, under(account, self._used(act, feature)))

    def _used(self, act: Act, feature: str) -> Told:
        return self.event(act, "feature.used", {"user_id": act.person, "feature": feature})

    def tell(self, act: Act, told: Told, out: Outbox) -> None:
        """Tells of an act, as soon as its account is certain; the event lacks the account yet."""
        self._note(act)
        account = self._certain(act)
        if account is None:
            self._held.append(Held(act, told.type, told=told))
        else:
            out.tell(act.record, under(account, told))

    def seen(self, act: Act, reason: str, out: Outbox) -> None:
        """A person did what says nothing by itself, but may be part of a session."""
        self._note(act)
        in_session = self._sessions is not None and self._sessions.takes(act)
        if in_session and self._certain(act) is None:
            self._held.append(Held(act, intern(reason)))
        else:
            out.pass_over(reason)

    def joined(self, act: Act, account: str, attributes: Told | None, out: Outbox) -> None:
        """A person belongs to an account, whose attributes may be told with that.

        The earliest such act adds the user.
        """
        self._note(act)
        self.people.join(act.person, account)
        if act.anonymous:
            self.attributes(act, attributes, out)
        elif late := self._members.keep((act.person, account), act, attributes):
            self.attributes(*late, out)

    def attributes(self, act: Act, attributes: Told | None, out: Outbox) -> None:
        """Tells the attributes of an account, if there are any."""
        if attributes is None:
            out.pass_over("group without a trait that was asked for")
        else:
            out.tell(act.record, attributes)

    def same(self, act: Act, old: str, new: str, reason: str, out: Outbox) -> None:
        """A person turned out to be another one; the earliest act that says so tells it."""
        if old == new:
            self.seen(act, reason, out)
            return
        self._note(act)
        self.people.link(old, new)
        if late := self._links.keep((old, new), act, reason):
            out.pass_over(late[1])

    def attributes_of(self, act: Act, account: str, traits: Message) -> Told | None:
        """Returns the event of those traits of an account that were asked for, or None.

        Raises:
            GapError: If one of them cannot be the value of an attribute.
        """
        data: dict[str, Any] = {"account_id": account}
        for theirs, ours in self._traits:
            if theirs in traits:
                if label_of(traits[theirs]) is None:
                    needs = f"text, a number or a boolean as the trait {theirs!r}"
                    raise GapError("invalid_trait", needs, act.id)
                data[ours] = traits[theirs]
        return self.event(act, "account.updated", data, "/account") if len(data) > 1 else None

    def end(self, out: Outbox) -> None:
        """Puts what waited for its account into the outbox."""
        for (person, account), act, attributes in self._members.taken():
            added = self.event(act, "user.added", {"user_id": person}, "/user")
            more = () if attributes is None else (attributes,)
            out.tell(act.record, under(account, added), *more)
        accounts_of = cache(self.people.accounts)
        for held in self._held:
            self._settle(held, accounts_of, out)
        self._held.clear()
        for (old, new), act, _ in self._links.taken():
            self._merge(act, old, new, accounts_of, out)
        if self._sessions is not None:
            whose = partial(self._whose, accounts_of)
            for act, ended in self._sessions.ended(self.source, whose):
                out.tell_of_several(act.record, ended)

    def prune(self) -> None:
        """Lets go of sessions that are long over."""
        if self._sessions is not None:
            self._sessions.prune()

    def _note(self, act: Act) -> None:
        if act.account is not None:
            self.people.join(act.person, act.account)
        if self._sessions is not None and self._sessions.takes(act):
            self._sessions.add(act)

    def _certain(self, act: Act) -> str | None:
        if act.anonymous:
            return None
        return act.account or self.people.settled(act.person)

    def _is_nobody(self, act: Act) -> bool:
        """Whether an act is of a device that nobody ever identified."""
        return act.anonymous and not self.people.is_linked(act.person)

    def _account(self, accounts_of: AccountsOf, act: Act) -> str | None:
        """Returns the account of an act, or None if it is not certain or nobody is known."""
        if self._is_nobody(act):
            return None
        found = accounts_of(act.person)
        return act.account or (found[0] if len(found) == 1 else None)

    def _whose(self, accounts_of: AccountsOf, act: Act) -> tuple[str, str] | None:
        """Returns whose a session is, and under which account; None if that is not certain.

        A session may begin before a login and end after it: it is of who the person turned out to
        be, if that is one and of the same account.
        """
        account = self._account(accounts_of, act)
        if account is None:
            return None
        person, reached = act.person, {act.person}
        while new := self.people.turned_out(person):
            if new in reached or accounts_of(new) != accounts_of(person):
                break
            person = new
            reached.add(person)
        return person, account

    def _settle(self, held: Held, accounts_of: AccountsOf, out: Outbox) -> None:
        act, told = held.act, held.told
        if held.is_use:
            told = self._used(act, held.name)
        account = self._account(accounts_of, act)
        if self._is_nobody(act):
            out.pass_over(ANONYMOUS)
        elif account is None:
            _doubt(act, act.person, accounts_of(act.person), out)
        elif told is None:
            out.pass_over(held.name)
        else:
            out.tell(act.record, under(account, told))

    def _merge(self, act: Act, old: str, new: str, accounts_of: AccountsOf, out: Outbox) -> None:
        for person in (new, old):
            if len(found := accounts_of(person)) != 1:
                _doubt(act, person, found, out)
                return
        account, other = *accounts_of(new), *accounts_of(old)
        if account != other:
            needs = f"one account for {old!r} of {other} and {new!r} of {account}, who are one user"
            out.gap(act.record, "merge_across_accounts", needs, act.id)
            return
        merged = self.event(act, "user.merged", {"user_id": old, "into_user_id": new}, "/merge")
        out.tell(act.record, under(account, merged))


def _doubt(act: Act, person: str, accounts: tuple[str, ...], out: Outbox) -> None:
    """Tells that the account of a person is not known, or that there are several."""
    if accounts:
        needs = f"which of {', '.join(accounts)} user {person!r} acted for: in each message, or by"
        out.gap(act.record, "account_ambiguous", f"{needs} --members", act.id)
    else:
        needs = f"the account of user {person!r}: in a message, or by --members"
        out.gap(act.record, "account_unknown", needs, act.id)


def under(account: str, told: Told) -> Told:
    """Returns an event under an account."""
    return msgspec.structs.replace(told, data={"account_id": account, **told.data})
