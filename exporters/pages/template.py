"""Templates: HTML with everything escaped that is put into it."""

from datetime import UTC, datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from aggregates.time.tile import edge_ms
from exporters.pages.style import STYLE

RENEWAL_S: Final = 10
"""Time after which a page that is not followed up is asked for again: figures are seldom as new."""

_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("exporters.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals["style"] = Markup(STYLE)  # a file of ours
_ENVIRONMENT.globals["renewal_s"] = RENEWAL_S


def template(name: str) -> Template:
    """Returns a template by the name of its file."""
    return _ENVIRONMENT.get_template(name)


def moment(edge: int) -> str:
    """Writes a tile edge as the instant that it is.

    >>> moment(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(edge_ms(edge) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
