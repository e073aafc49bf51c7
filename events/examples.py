"""Examples: one event of each type, as a producer would write it, for schemas and documentation.

They are kept as lines of a file beside this module, which can be read like any other events: the
life of one account.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("examples.ndjson")


@cache
def _lines() -> dict[str, str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["type"]: line for line in lines}


def example_line(name: str) -> str:
    """Returns the example of a type as the line that it is.

    >>> example_line("seats.set").partition('"data": ')[2]
    '{"account_id": "acct_19", "seats": 10}}'
    """
    return _lines()[name]


def example_of(name: str) -> dict[str, Any]:
    """Returns the example of a type."""
    example: dict[str, Any] = json.loads(example_line(name))
    return example
