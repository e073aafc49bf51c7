"""What the policies of an area have in common; the docstring of each field is its meaning."""

from pydantic import ConfigDict

from events.docstrings import Documented


class Area(Documented):
    """Some policies that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
