"""Values as TOML has them."""

import json
import re
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that need no quotes."""


def literal(value: Any) -> str:
    """Returns a value of JSON in TOML, on one line; what is null in a table is left out.

    >>> literal({"rate": "1.1", "days": [1, 2.0], "a b": True, "until": None})
    '{rate = "1.1", days = [1, 2.0], "a b" = true}'
    """
    if isinstance(value, dict):
        held = (
            f"{key(name)} = {literal(each)}" for name, each in value.items() if each is not None
        )
        return f"{{{', '.join(held)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        # What JSON escapes TOML escapes alike, but for the one character that JSON does not.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def key(name: str) -> str:
    """Returns the key of a table, in quotes if it needs them."""
    return name if _BARE.fullmatch(name) else literal(name)
