"""What ``tidemark explain`` says, as JSON: one object a line, whose values add up to the figure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.told import Told

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def json_lines(
    explanation: Explanation, by: str, steps: Mapping[str, Sequence[Step]] | None = None
) -> Iterator[bytes]:
    """Yields a line for each account, or for each movement or event of it.

    Args:
        explanation: The explanation.
        by: What is told apart: account, movement or event.
        steps: What events did, of the accounts whose events are told; others have one line.
    """
    lines = Told(explanation)
    for part in explanation.parts:
        if by == "movement":
            told = list(lines.movements(part))
        elif steps is not None and part.account in steps:
            told = [lines.event(part.account, step) for step in steps[part.account]]
        else:
            told = [lines.account(part)]
        for each in told:
            yield _encode(each) + b"\n"
