"""The sources there are. A source's module is imported when it is asked for."""

from importlib import import_module
from typing import Any, Final, cast

from events.sources.source import Source

SOURCES: Final[dict[str, tuple[str, str]]] = {
    "stripe": ("stripe.source", "StripeSource"),
}
"""Module and class of each, by name."""


def source_of(name: str) -> type[Source[Any]]:
    """Returns the class of a source by its name.

    Raises:
        KeyError: If there is none.
    """
    module, cls = SOURCES[name]
    return cast(type[Source[Any]], getattr(import_module(f"events.sources.{module}"), cls))
