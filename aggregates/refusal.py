"""Refusals: events that are valid in themselves but contradict, or cannot act on, what is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that is valid in itself but cannot be folded: it belongs with the dead letters.

    Attributes:
        index: Its place among the records that were decoded together.
        reason: A slug, such as ``conflict``.
        detail: What is wrong, in words.
    """

    index: int
    reason: str
    detail: str
