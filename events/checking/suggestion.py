"""What may be meant by a value or a name that is not taken."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from events.checking.findings import ABSENT, field_name
from events.envelope import Envelope, EventData
from events.instant import BAND_END_MS, BAND_START_MS, format_instant, parse_instant
from events.violations import Path, Violation

_ALIASES: Final = {
    "annual": "year",
    "annually": "year",
    "quarter": "month with interval_count 3",
    "quarterly": "month with interval_count 3",
    "on-hold": "hold",
    "on_hold": "hold",
    "trial": "trialing",
    "in_trial": "trialing",
}
"""What the field also says, by what is said here."""

_NO_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def suggestion_for(violation: Violation, found: Any, beside: Mapping[str, Any]) -> str | None:
    """Returns what may mend a field, in words; None if nothing comes to mind.

    Args:
        violation: What is wrong with it.
        found: Its value, or ``ABSENT``.
        beside: The object that it is a field of.
    """
    if found is ABSENT:
        name = str(violation.path[-1]) if violation.path else ""
        near = nearest(name, [each for each in beside if each != name])
        return f"is {near!r} meant for it?" if near else None
    if found is None:
        return "leave it out where there is no value"
    if isinstance(found, str):
        return _for_text(violation, found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if "timestamp" in violation.says:
        return _for_epoch(found)
    if violation.says == "must be text":
        return f'write it in quotes: "{found}"'
    if violation.says == "must be a whole number" and violation.path[-1] in _MONEY:
        return f"in minor units, {found} of a currency with cents is {round(found * 100)}"
    return None


_MONEY: Final = frozenset({"amount", "amount_paid", "amount_off"})


def _for_text(violation: Violation, found: str) -> str | None:
    if violation.choices:
        near = _ALIASES.get(found.strip().lower())
        if near is None or near.split()[0] not in violation.choices:
            near = nearest(found, violation.choices)
        return f"did you mean {near!r}?" if near else None
    if "timestamp" in violation.says:
        return _for_time(found.strip())
    if "number" in violation.says and _NUMBER.fullmatch(found.strip()):
        return f"write it without quotes: {found.strip()}"
    if violation.says == "must be true or false" and found.lower() in ("true", "false"):
        return f"write it without quotes: {found.lower()}"
    return None


def _for_time(text: str) -> str | None:
    if _DAY.fullmatch(text):
        text += "T00:00:00"
    if not _NO_OFFSET.fullmatch(text):
        return None
    told = text.replace(" ", "T") + "Z"
    try:
        parse_instant(told)
    except ValueError:
        return None
    return f"{told}, if it is in UTC"


def _for_epoch(number: float) -> str | None:
    """Suggests the instant of a number of seconds or milliseconds since 1970."""
    for unit, factor in (("seconds", 1000), ("milliseconds", 1)):
        if BAND_START_MS <= number * factor < BAND_END_MS:
            return f'"{format_instant(int(number * factor))}", if it is in {unit} since 1970'
    return None


def for_unknown_field(path: Path, model: type[EventData]) -> str | None:
    """Returns what may be meant by a field that is not known, in words.

    >>> from events.usage import FeatureUsed
    >>> for_unknown_field(("data", "userId"), FeatureUsed)
    "did you mean 'user_id'?"
    >>> for_unknown_field(("livemode",), FeatureUsed)
    "did you mean 'data.livemode'?"
    """
    name, known = str(path[-1]), model.model_fields
    envelope = Envelope.model_fields
    if len(path) == 1:
        near = nearest(name, envelope)
        inner = nearest(name, known)
        near = near or (inner and f"data.{inner}")
    elif len(path) == 2:
        near = nearest(name, known) or (name if name in envelope else None)
        if near == name:
            return f"{name!r} belongs beside data, not into it"
    else:
        part = field_name(path[:-1])
        near = nearest(name, _fields_in(known[str(path[1])].annotation))
        if near is None and name in known:
            return f"{name!r} belongs beside {part}, not into it"
    return f"did you mean {near!r}?" if near else None


def _fields_in(annotation: Any) -> Collection[str]:
    [model] = annotation.__args__
    fields: Collection[str] = model.model_fields
    return fields


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Returns the name that another one is most like, however its words are joined.

    >>> nearest("accountId", ["account_id", "livemode"]), nearest("cancelled", ["canceled"])
    ('account_id', 'canceled')
    """
    plain = {_plain(each): each for each in known}
    exact = plain.get(_plain(name))
    if exact is not None:
        return exact
    near = get_close_matches(_plain(name), plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
