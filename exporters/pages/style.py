"""The style of all pages, and the policy that lets in nothing else."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

_FILES: Final = ("style.css", "index.css", "kpi.css")

STYLE: Final = "".join(
    files("exporters.pages").joinpath(name).read_text(encoding="utf-8") for name in _FILES
)

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "script-src 'self'; connect-src 'self'; img-src 'self'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""Content security policy: this style, files of this server, and nothing else; a forgotten escape
could do no harm."""
