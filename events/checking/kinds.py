"""The kinds of findings."""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """What a finding is about.

    Attributes:
        means: In words, for a page and for people.
        is_lost: Whether something that was sent is not taken. Others only look wrong.
    """

    means: str
    is_lost: bool


def _lost(means: str) -> Kind:
    return Kind(means, is_lost=True)


def _odd(means: str) -> Kind:
    return Kind(means, is_lost=False)


KINDS: Final[dict[str, Kind]] = {
    "unreadable": _lost("the file cannot be read, or not as UTF-8"),
    "not_ndjson": _lost("the file is no JSON, one event a line, but something else"),
    "no_events": _lost("there is nothing in the file"),
    "foreign": _lost("records of another system, which tidemark import may turn into events"),
    "unknown_type": _lost("an event of a type that is not known"),
    "unknown_field": _lost("a field that is not known: what it says is not taken"),
    "empty": _lost("a record without a value"),
    "too_large": _lost("a line longer than an event may be"),
    "invalid_json": _lost("a line that is no JSON"),
    "not_an_object": _lost("a line of JSON that is no object"),
    "invalid_envelope": _lost("an attribute of the event is missing or is none"),
    "invalid_data": _lost("a field of data is missing, is none, or contradicts another"),
    "timestamp_out_of_band": _lost("an instant before 2000 or after 2099"),
    "unknown_schema_version": _lost("a dataschema of another type, or of a version not known"),
    "wrong_topic": _lost("an event in the topic of another type"),
    "wrong_partition": _lost("a record in another partition than its account's"),
    "no_key": _lost("an event without account, subject and id of its entity"),
    "not_retractable": _lost("a retraction of a usage event"),
    "refused": _lost("money in a currency without an exchange rate"),
    "conflict": _lost("the same source and id again, with other content"),
    "full": _lost("more events of one entity than are kept"),
    "extension": _odd("an attribute of a CloudEvents extension, which is not read"),
    "never_created": _odd("changes of something of which no creation is told"),
    "without_price": _odd("an active subscription without items: it has no MRR"),
    "in_future": _odd("an event that happens after now"),
    "two_accounts": _odd("one id under two accounts, which is two things for every figure"),
    "major_units": _odd("money that seems to be sent in major units, such as dollars"),
}
"""All kinds by name: first what is wrong with files, then with records, then what looks wrong."""

OF_FILES: Final = frozenset({"unreadable", "not_ndjson", "no_events"})
"""Kinds of which each file has its own finding, that none is named by another."""
