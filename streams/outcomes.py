"""Counts of events by topic and outcome, in the form in which a status reports them."""

from collections.abc import Iterable


def by_topic(counts: Iterable[tuple[tuple[str, str], int]]) -> dict[str, dict[str, int]]:
    """Returns counts by topic, and in it by outcome; equal keys add up, nothing is left out but 0.

    >>> by_topic([(("usage", "folded"), 2), (("usage", "folded"), 1), (("ticket", "known"), 0)])
    {'usage': {'folded': 3}}
    """
    nested: dict[str, dict[str, int]] = {}
    for (topic, outcome), count in counts:
        if count:
            by_outcome = nested.setdefault(topic, {})
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return nested
