"""The sources there are. A source's module is imported when it is asked for."""

from importlib import import_module
from typing import Any, Final, cast

from events.sources.source import Source

SOURCES: Final[dict[str, tuple[str, str]]] = {
    "amplitude": ("analytics.amplitude", "Amplitude"),
    "csv": ("csv_rows.source", "CsvRows"),
    "formbricks": ("formbricks", "Formbricks"),
    "posthog": ("analytics.posthog", "PostHog"),
    "rudderstack": ("analytics.segment", "RudderStack"),
    "segment": ("analytics.segment", "Segment"),
    "stripe": ("stripe.source", "StripeSource"),
    "typeform": ("typeform", "Typeform"),
    "zendesk": ("zendesk", "Zendesk"),
}
"""Module and class of each, by name."""


def source_of(name: str) -> type[Source[Any]]:
    """Returns the class of a source by its name.

    Raises:
        KeyError: If there is none.
    """
    module, cls = SOURCES[name]
    return cast(type[Source[Any]], getattr(import_module(f"events.sources.{module}"), cls))
