"""Forgetting: an event as it would be if the account, or the person, had been called otherwise.

Figures do not depend on what ids are, only on which are equal. So every id that leads to somebody
is replaced by a pseudonym, alike wherever it stands, and what people wrote is taken out.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final, get_args

import msgspec

from events.dialect import PLAIN, Dialect
from events.envelope import Envelope, Model
from events.errors import UNREADABLE
from events.escapes import spellings, unescaped
from events.personal import ACCOUNTS, CHANGED_THINGS, DEEDS, OWNERS, PEOPLE, PROSE, THINGS
from events.pseudonyms import ERASED, Pseudonyms
from events.registry import COPIED_TYPES, EVENT_RETRACTED, EVENT_TYPES, EventType
from events.retraction import Target, target_of

_ESCAPE: Final = b"\\u"
"""Under such an escape any text may be hidden: what has one is looked at closely."""

_any: Final = msgspec.json.Decoder(float_hook=float).decode
"""Any JSON that ``events.Decoder`` takes: a number out of a float's range is infinite."""

_ENVELOPE_IDS: Final = frozenset({"id", "subject"})

Rename = Callable[[str, str], str]
"""Takes the name of a field and its text; returns the text that replaces it."""


class Forgetting:
    """Forgets accounts, or people of accounts; ``learn`` from all events, then ``rewrite`` them.

    Attributes:
        left: Records that still have one of the names, as a label or as another's id.
    """

    def __init__(
        self,
        accounts: Collection[str],
        users: Collection[str],
        pseudonyms: Pseudonyms,
        *,
        kept: Collection[str] = (),
        dialect: Dialect = PLAIN,
        means: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Takes who is to be forgotten.

        Args:
            accounts: Accounts; with people, the accounts that these are of, or none for all.
            users: People.
            pseudonyms: The new names.
            kept: Attributes of forgotten accounts that stay: figures are told apart by them.
            dialect: How producers write events.
            means: Whether figures depend on a reason, which therefore stays.
        """
        self.left = 0
        self._accounts, self._users = frozenset(accounts), frozenset(users)
        self._names = self._users or self._accounts
        self._kept = frozenset(kept)
        self._new = pseudonyms
        self._dialect = dialect
        self._means = means
        self._needles = {each for name in self._names for each in spellings(name)}
        words = "|".join(re.escape(name) for name in sorted(self._names))
        self._word = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")
        self._events: set[Target] = set()
        self._deeds: set[str] = set()
        self._shared: set[str] = set()
        self._merges: dict[tuple[Target, Target], str] = {}
        self._retracted: set[Target] = set()

    @property
    def partners(self) -> list[str]:
        """Those who, by a merge, are one with somebody who is forgotten, and are not named."""
        standing = (it for names, it in self._merges.items() if self._retracted.isdisjoint(names))
        return sorted(set(standing))

    def names_in(self, text: bytes) -> bool:
        """Returns whether one of the names stands in a text, as a word of its own, or escaped."""
        said = text.decode(errors="replace")
        return any(self._word.search(each) for each in {said, unescaped(said)})

    def learn(self, value: bytes) -> bool:
        """Looks at an event before anything is rewritten; returns whether it tells of them."""
        if not self._may_tell(value):
            return False
        told = self._parsed(value)
        if told is None:
            return self.names_in(value)
        record, kind = told
        if self._users:
            self._learn_deeds(record, kind)
        else:
            self._learn_shared(record, kind)
        return self._rewritten(record, kind) != record

    def rewrite(self, value: bytes) -> bytes | None:
        """Returns an event without who is forgotten: itself if it does not tell of them.

        None is for what is no event of a type known here and names them: nobody can say which of
        its fields mean what, and no figure has it.
        """
        if not self._may_tell(value):
            return value
        told = self._parsed(value)
        if told is None:
            return None if self.names_in(value) else value
        record, kind = told
        rewritten = self._rewritten(record, kind)
        new = value if rewritten == record else msgspec.json.encode(rewritten)
        self.left += self.names_in(new)
        return new

    def rewrite_key(self, key: bytes | None) -> bytes | None:
        """Returns the key of a record."""
        return key and self._account(key.decode(errors="replace")).encode()

    # What has to be known before ------------------------------------------------------------------

    def _learn_deeds(self, record: Mapping[str, Any], kind: EventType) -> None:
        """Notes what names the people's own events and answers, and whom else a merge makes one."""
        data = record["data"]
        if not self._is_about(record, kind):
            return
        self._events.update(_names_of(record))
        told = _with_entity(record, kind)
        self._deeds.update(_texts(told.get(name) for name in DEEDS))
        pair = _texts([told.get("user_id"), data.get("into_user_id")])
        if "into_user_id" in data:
            self._merges.update((_names_of(record), other) for other in pair - self._users)

    def _learn_shared(self, record: Mapping[str, Any], kind: EventType) -> None:
        """Notes what goes from one account to another: its id is both accounts'."""
        data = record["data"]
        if kind.name == EVENT_RETRACTED:
            self._retracted.add(_taken_back(data))
        if kind.name not in COPIED_TYPES:
            return
        pair = {_account_of(record, kind), data.get("into_account_id")}  # None: it was nobody's
        others = pair - self._accounts
        if not others or others == pair:
            return
        if kind.model.ENTITY in ACCOUNTS:
            self._merges.update((_names_of(record), other) for other in _texts(others))
        else:
            self._shared.update(_texts([_with_entity(record, kind).get(str(kind.model.ENTITY))]))

    # Reading --------------------------------------------------------------------------------------

    def _may_tell(self, value: bytes) -> bool:
        # The answers of a person are looked for by a set, and are in surveys only.
        needles = (b'"survey', b"event.retracted", *self._needles) if self._users else self._needles
        return _ESCAPE in value or any(needle in value for needle in needles)

    def _parsed(self, value: bytes) -> tuple[dict[str, Any], EventType] | None:
        """Returns an event and its type; None if it is none that is known."""
        try:
            record = _any(value)
        except (*UNREADABLE, ValueError):
            return None
        if not isinstance(record, dict) or not isinstance(record.get("data"), dict):
            return None
        name = record.get("type")
        kind = EVENT_TYPES.get(self._dialect.name_of(name)) if isinstance(name, str) else None
        return None if kind is None or not isinstance(record.get("id"), str) else (record, kind)

    def _is_about(self, record: Mapping[str, Any], kind: EventType) -> bool:
        """Returns whether an event is about one of the people."""
        if self._accounts and _account_of(record, kind) not in self._accounts:
            return False
        told = _with_entity(record, kind)
        return not self._users.isdisjoint(_texts(told.get(name) for name in OWNERS))

    # Writing --------------------------------------------------------------------------------------

    def _rewritten(self, record: dict[str, Any], kind: EventType) -> dict[str, Any]:
        """Returns an event with its ids replaced; of theirs, unknown fields are left out."""
        account = _account_of(record, kind)
        rename: Rename
        if not self._users:
            theirs = account in self._accounts
            rename = self._rename_theirs if theirs else self._rename_accounts
        elif self._accounts and account not in self._accounts:
            return record
        else:
            theirs = self._is_about(record, kind)
            rename = self._rename_own if theirs else partial(self._rename_people, record["data"])
        things = THINGS | {"previous", "current"} if kind.name in CHANGED_THINGS else THINGS
        ids = ACCOUNTS | PEOPLE | things
        envelope = {
            name: _renamed(kind.model.ENTITY or name if name == "subject" else name, value, rename)
            if name in _ENVELOPE_IDS
            else value
            for name, value in record.items()
            if name in Envelope.model_fields or not theirs
        }
        return envelope | {"data": self._fields(record["data"], kind.model, ids, rename, theirs)}

    def _fields(
        self,
        data: Mapping[str, Any],
        model: type[Model],
        ids: Collection[str],
        rename: Rename,
        theirs: bool,
    ) -> dict[str, Any]:
        new: dict[str, Any] = {}
        for name, value in data.items():
            field = model.model_fields.get(name)
            if field is None:
                if not theirs or name in self._kept:
                    new[name] = value
            elif name in PROSE and theirs and isinstance(value, str):
                new[name] = value if self._means(value) else ERASED
            elif name in ids:
                new[name] = _renamed(name, value, rename)
            elif (inner := _model_in(field.annotation)) and isinstance(value, list):
                entries = (each for each in value if isinstance(each, dict))
                new[name] = [self._fields(each, inner, ids, rename, theirs) for each in entries]
            else:
                new[name] = value
        return new

    def _account(self, account: str) -> str:
        forgotten = account in self._accounts and not self._users
        return self._new.of_account(account) if forgotten else account

    def _rename_theirs(self, name: str, value: str) -> str:
        """All ids in an event of a forgotten account, but other accounts' and what is shared."""
        if name in ACCOUNTS:
            return self._account(value)
        return value if value in self._shared else self._new.of(value)

    def _rename_accounts(self, name: str, value: str) -> str:
        """Only forgotten accounts, in the event of another."""
        return self._account(value) if name in ACCOUNTS else value

    def _rename_own(self, name: str, value: str) -> str:
        """In an event about a forgotten person: the person, and what that person alone did."""
        own = name in DEEDS or name == "id" or (name in PEOPLE and value in self._users)
        return self._new.of(value) if own else value

    def _rename_people(self, data: Mapping[str, Any], name: str, value: str) -> str:
        """In another event of their accounts: the people, and what names something they did."""
        named = (
            (name in PEOPLE and value in self._users)
            or (name == "response_id" and value in self._deeds)
            or (name == "retracts" and _taken_back(data) in self._events)
        )
        return self._new.of(value) if named else value


def _names_of(record: Mapping[str, Any]) -> tuple[Target, Target]:
    """Returns by what an event may be taken back: its id, and that with its source."""
    return target_of(record["id"], None), target_of(record["id"], record.get("source"))


def _taken_back(data: Mapping[str, Any]) -> Target:
    return target_of(data.get("retracts"), data.get("retracts_source"))


def _account_of(record: Mapping[str, Any], kind: EventType) -> str | None:
    account = record["data"].get("account_id")
    if account is None and kind.model.ENTITY == "account_id":
        account = record.get("subject")
    return account if isinstance(account, str) else None


def _with_entity(record: Mapping[str, Any], kind: EventType) -> dict[str, Any]:
    """Returns the data of an event, the entity's id filled in from the subject."""
    data, entity = record["data"], kind.model.ENTITY
    if entity is None or data.get(entity) is not None:
        return dict(data)
    return {**data, entity: record.get("subject")}


def _renamed(name: str, value: Any, rename: Rename) -> Any:
    if isinstance(value, list):
        return [_renamed(name, each, rename) for each in value]
    return rename(name, value) if isinstance(value, str) else value


def _model_in(annotation: Any) -> type[Model] | None:
    """Returns the model of the entries of a list, if it is one of models."""
    for inner in get_args(annotation):
        if isinstance(inner, type) and issubclass(inner, Model):
            return inner
    return None


def _texts(values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}
