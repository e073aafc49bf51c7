"""JSON's escapes: how a name may be written, and what a text says that has some."""

import json
import re
from typing import Final

_ESCAPED: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)

_CONTROLS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
"""Letters that stand for another character than themselves after a backslash."""


def spellings(name: str) -> set[bytes]:
    r"""Returns how JSON may write a name, but for needless escapes by number.

    Slashes too: PHP escapes them.

    >>> sorted(spellings("a/b"))
    [b'a/b', b'a\\/b']
    """
    written = {json.dumps(name, ensure_ascii=ascii).encode()[1:-1] for ascii in (False, True)}
    return written | {each.replace(b"/", rb"\/") for each in written}


def unescaped(text: str) -> str:
    r"""Returns a text with what JSON's escapes stand for, wherever they are.

    >>> print(unescaped(r'{"who": "j\u00f6rg \ud83d\ude00 a\/b \"x\"'))
    {"who": "jörg 😀 a/b "x"
    """
    if "\\" not in text:
        return text
    plain = _ESCAPED.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    return chr(int(code, 16)) if code else _CONTROLS.get(letter, letter)
