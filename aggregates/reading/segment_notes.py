"""Notes on segments: attributes that no account has, and those of too many values to show."""

from collections.abc import Mapping, Sequence

from aggregates.policies.policy import Policy
from aggregates.reading.shown_segments import OTHER


def noted_attributes(policy: Policy, values: Sequence[int]) -> Mapping[str, int]:
    """Returns the attributes that are worth a word, with the number of their values.

    Args:
        policy: Says which attributes were asked for, and how many values are shown.
        values: How many values each has; nothing while no account is known.
    """
    counts = dict(zip(policy.segments, values, strict=True)) if values else {}
    return {
        name: count
        for name, count in counts.items()
        if count > policy.segment_values_max or (not count and name in policy.asked_segments)
    }


def in_words(policy: Policy, name: str, count: int) -> str:
    """Says what is noted of an attribute.

    >>> in_words(Policy(segments=("teir",)), "teir", 0)
    "No account has the attribute 'teir' that the setting segments names."
    >>> in_words(Policy(segments=("tier",)), "tier", 120)
    "'tier' has 120 values; 20 of them are shown as other (segment_values_max is 100)."
    """
    if not count:
        return f"No account has the attribute {name!r} that the setting segments names."
    most = policy.segment_values_max
    shown = f"{count - most} of them are shown as {OTHER} (segment_values_max is {most})"
    return f"{name!r} has {count} values; {shown}."
