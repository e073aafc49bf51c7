"""Segment filters: ``plan=gold`` chooses the accounts whose attribute has that value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aggregates.ledger.measure import Segment
from events.errors import TidemarkError
from events.spelling import did_you_mean


class SegmentFilterError(TidemarkError):
    """A filter is none, or there is no such attribute or value."""


OPTION: Final = "--segment"
"""What commands call it."""


def read_filters(
    texts: Iterable[str], attributes: Sequence[str], option: str = OPTION
) -> Mapping[str, str]:
    """Returns the wanted values of attributes.

    Args:
        texts: Filters as they were given, ``name=value`` each.
        attributes: The attributes by which accounts are told apart.
        option: What they were given to, for errors.

    Raises:
        SegmentFilterError: If one is no filter, or of no such attribute, or an attribute has two.
    """
    wanted: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            example = f"{next(iter(attributes), 'segment')}=VALUE"
            raise SegmentFilterError(f"{option} {text!r} is not NAME=VALUE, such as {example}")
        if name not in attributes:
            said = did_you_mean(name, attributes)
            raise SegmentFilterError(
                f"{option} {text}: the setting `segments` has no attribute {name!r}, only "
                f"{', '.join(attributes) or 'none'}{said}"
            )
        if name in wanted:
            raise SegmentFilterError(f"{option} {name} is given twice: it takes one value")
        wanted[name] = value
    return wanted


def matching(
    segments: Iterable[Segment],
    attributes: Sequence[str],
    wanted: Mapping[str, str],
    option: str = OPTION,
) -> frozenset[Segment]:
    """Returns the segments that have all wanted values.

    Args:
        segments: Those that the ledger has cells of.
        attributes: The attributes that make up a segment.
        wanted: Their values.
        option: What they were given to, for errors.

    Raises:
        SegmentFilterError: If no account has such a value.
    """
    every = tuple(segments)
    places = {name: attributes.index(name) for name in wanted}
    for name, value in wanted.items():
        known = {segment[places[name]] for segment in every}
        if value not in known:
            said = did_you_mean(value, known) or f"; there are {', '.join(sorted(known)) or 'none'}"
            raise SegmentFilterError(f"{option} {name}={value}: no account has that value{said}")
    return frozenset(
        segment
        for segment in every
        if all(segment[place] == wanted[name] for name, place in places.items())
    )
