"""The style of all pages, and the policy that lets in nothing else."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

STYLE: Final = files("exporters.pages").joinpath("style.css").read_text(encoding="utf-8")

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""Content security policy: this style and nothing else; a forgotten escape could do no harm."""
