"""What a setting says of a webhook of the gateway."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from events.docstrings import Documented

Signature = Literal["stripe", "zendesk", "segment", "typeform", "standard", "token"]


class WebhookSettings(Documented):
    """One place under `/webhooks/` that a foreign system posts to; it needs a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Field(min_length=1)]
    """The source that tells its records, such as `stripe`."""
    signature: Signature | None = None
    """How bodies are signed; left out, as the source's own system does it."""
    secret_files: tuple[Path, ...] = ()
    """Files that hold a secret each; any of them may have signed a body, so that one can be
    replaced by another without a gap."""
    secret_variables: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Names of variables of the environment that hold a secret each."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the source, as `tidemark import` has them."""
