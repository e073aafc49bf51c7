"""What the policies of an area have in common; the docstring of each field is its meaning."""

from pydantic import BaseModel, ConfigDict


class Area(BaseModel):
    """Some policies that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
