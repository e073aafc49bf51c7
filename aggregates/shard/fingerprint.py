"""The fingerprint: all that the rows and cells of a shard depend on besides the events.

Tables of two fingerprints must not be mixed: a day begins elsewhere in another time zone, an event
refused under one policy is kept under another. So state carries its fingerprint, and whoever reads
it compares. A fingerprint is a document, so that a difference has the name of the setting.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final

from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from events.dialect import PLAIN, Dialect
from events.zone import IANA_VERSION

READ_ONLY: Final = (
    "gross_margin",
    "industry",
    "ltv_cap_months",
    "resolution_ratio_basis",
    "work_basis",
)
"""Policies that only formulas and targets ask for. They are read at each reading and are in no
state, so a change of them shows at once, for all of history, and mixes nothing."""

TZDATA: Final = "tzdata"
"""Entry of the version of the IANA time zone database, whose rules say when local days begin."""

TYPE_PREFIX: Final = "type_prefix"
"""Entry of the setting of that name: it decides which records are events."""

DATASCHEMA_PREFIXES: Final = "dataschema_prefixes"
"""Likewise. Left empty it is no entry, and tables from before there was this setting are good."""

NAMED_MAX: Final = 6
"""Differences that a message tells one by one."""

_DIGEST_CHARS: Final = 12
"""48 bits of a digest: one installation has a handful of fingerprints."""

_VALUE_CHARS_MAX: Final = 120
"""Of a value in a message, such as a table of exchange rates."""

DEFAULT: Final = "the default"


@dataclass(frozen=True)
class Fingerprint:
    """What state depends on.

    Attributes:
        entries: Values by name, as JSON: each policy, the dialect, the version of the time zone
            database, the version of each kind of row, the definition of each measure.
        settings: Those of the entries that somebody set, and the time zones' version: few enough to
            be told each second.
    """

    entries: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def digest(self) -> str:
        """A short name of all entries together."""
        text = json.dumps(dict(self.entries), sort_keys=True)
        return sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]


def fingerprint_of(plan: Plan, dialect: Dialect = PLAIN) -> Fingerprint:
    """Returns the fingerprint of what a plan computes from events of a dialect.

    >>> fingerprint_of(Plan(Policy(timezone="Europe/Berlin"))).settings["timezone"]
    '"Europe/Berlin"'
    """
    policies, usual = _policies(plan.policy), _policies(Policy())
    changed = {name: value for name, value in policies.items() if value != usual[name]}
    others = {TZDATA: _json(IANA_VERSION)}
    if dialect.type_prefix:
        changed[TYPE_PREFIX] = _json(dialect.type_prefix)
    if dialect.dataschema_prefixes:
        others[DATASCHEMA_PREFIXES] = _json(sorted(set(dialect.dataschema_prefixes)))
    kinds = {f"rows of {kind.name}": _json(kind.version) for kind in plan.kinds.values()}
    measures = {f"measure {each.name}": _defined(each) for each in plan.measures.values()}
    prefix = {TYPE_PREFIX: _json(dialect.type_prefix)}
    entries = {**policies, **prefix, **others, **kinds, **measures}
    return Fingerprint(entries, {**changed, **others})


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Names what differs, in words, settings first; what one side does not tell is its default.

    >>> differences({"timezone": '"UTC"', "a": "1"}, {"timezone": '"Asia/Tokyo"', "a": "1"})
    ['timezone is "UTC" there, "Asia/Tokyo" here']
    """
    named = sorted(there.keys() | here.keys(), key=lambda name: (" " in name, name))
    return [
        f"{name} is {_shown(there.get(name))} there, {_shown(here.get(name))} here"
        for name in named
        if there.get(name) != here.get(name)
    ]


def told(differing: Iterable[str]) -> str:
    """Joins differences to one line.

    >>> told(["a", "b"]), told("abcdefgh")
    ('a; b', 'a; b; c; d; e; f; and 2 more')
    """
    each = list(differing)
    more = [f"and {len(each) - NAMED_MAX} more"] if len(each) > NAMED_MAX else []
    return "; ".join([*each[:NAMED_MAX], *more])


def foreign(digest: str, settings: Mapping[str, str], own: Fingerprint) -> str:
    """Says how what was published under a fingerprint differs from our own; empty if not.

    Args:
        digest: Of its fingerprint; empty if it does not say.
        settings: Those of it that somebody set.
        own: Our own fingerprint.
    """
    if digest == own.digest:
        return ""
    if not digest:
        return "it does not say under which settings: its worker is of an earlier version"
    differing = differences(settings, own.settings)
    return told(differing) or "its worker is of another version, with other measures or rows"


def _policies(policy: Policy) -> dict[str, str]:
    values = policy.model_dump(mode="json", exclude=set(READ_ONLY))
    return {name: _json(values[name]) for name in sorted(values)}


def _defined(measure: Measure) -> str:
    return _json([measure.kind, measure.unit, measure.labels, measure.filters, measure.windows])


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _shown(value: str | None) -> str:
    if value is None:
        return DEFAULT
    return value if len(value) <= _VALUE_CHARS_MAX else f"{value[:_VALUE_CHARS_MAX]}..."
