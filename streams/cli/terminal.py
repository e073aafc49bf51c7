"""What is printed: text of events and names, with nothing in it that steers a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final, TextIO, cast

_KEPT: Final = frozenset("\t\n")
_CONTROL: Final = (*range(0x20), *range(0x7F, 0xA0))
_DIRECTION: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SURROGATE: Final = range(0xD800, 0xE000)

_ESCAPED: Final = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in (*_CONTROL, *_DIRECTION, *_SURROGATE)
    if chr(code) not in _KEPT
}


def plain(text: str) -> str:
    r"""Returns a text with control characters, and what turns its direction, written out.

    >>> plain("acct_\x1b[31m1"), plain("tab\tand line\n")
    ('acct_\\x1b[31m1', 'tab\tand line\n')
    """
    return text.translate(_ESCAPED)


class _Plain:
    """A text stream that writes plain text to another one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes a text."""
        return self._stream.write(plain(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def plain_output() -> Iterator[None]:
    """Has all that is printed and logged written as plain text."""
    out, err = (cast(TextIO, _Plain(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield
