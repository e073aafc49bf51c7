"""Static files: what pages load besides themselves. They are ours, and few."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from exporters.site import Content


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

    def answer(self, known: str) -> Content:
        """Answers with the file, unless a client knows it by its tag."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache"}
        if self.tag in known:
            return Content(self.content_type, b"", HTTPStatus.NOT_MODIFIED, headers)
        return Content(self.content_type, self.content, headers=headers)


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
