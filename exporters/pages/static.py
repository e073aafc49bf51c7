"""Static files: what pages load besides themselves. They are ours, and few."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file.

    Attributes:
        content_type: Its type.
        content: Its bytes.
        tag: Names the content: the ETag of HTTP, with its quotes.
    """

    content_type: str
    content: bytes
    tag: str


def _read(name: str, content_type: str) -> StaticFile:
    content = files("exporters.pages").joinpath("static").joinpath(name).read_bytes()
    return StaticFile(content_type, content, f'"{sha256(content).hexdigest()[:16]}"')


_ICON: Final = _read("favicon.svg", "image/svg+xml")

STATIC: Final = {
    "/static/page.js": _read("page.js", "text/javascript; charset=utf-8"),
    "/favicon.svg": _ICON,
    "/favicon.ico": _ICON,  # where browsers look unasked
}
"""All files, by path."""
