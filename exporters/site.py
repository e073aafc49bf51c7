"""A site: what answers at some paths of the one address; it knows no socket."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple, Protocol


class Asked(NamedTuple):
    """What a client asks for.

    Attributes:
        path: The path, decoded.
        query: Names and values of the query, as often as they are given.
        accept: The types that it takes, as its header has them.
        known: The tags of what it has already, as ``If-None-Match`` has them.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a site answers.

    Attributes:
        content_type: The type of the body.
        body: The body, not yet compressed.
        status: Whether that is what was asked for.
        headers: Further headers.
    """

    content_type: str
    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


class Site(Protocol):
    """Answers at some paths; any thread may ask."""

    def are_at(self, path: str) -> bool:
        """Returns whether a path is one of this site; it may still be that nothing is there."""

    def is_slow(self, path: str) -> bool:
        """Returns whether an answer is made apart from the others, which do not wait for it."""

    def answer(self, asked: Asked) -> Content:
        """Answers."""

    def refusal(self, status: HTTPStatus, text: str) -> Content:
        """Says that a request is not answered, in the form of this site."""


class News(Protocol):
    """What there is to be told of one topic at some moment."""

    def since(self, known: str) -> tuple[str, str]:
        """Returns the name of this moment, and what changed since another; empty if nothing."""


class LiveSite(Site, Protocol):
    """A site with a page that follows what changes."""

    def topic(self, query: Mapping[str, str]) -> Hashable:
        """Returns what a listener with a query listens to."""

    def news(self, topic: Hashable) -> News:
        """Returns what there is to be told of a topic now."""
