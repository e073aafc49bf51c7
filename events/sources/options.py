"""What a source may be told: flags of ``tidemark import``, or a table of ``tidemark.toml``."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field

from events.docstrings import Documented

CONTENTS: Final = "contents"
"""Marks an option that is given as paths, and that the source gets as the files' bytes."""

Contents = Annotated[tuple[bytes, ...], CONTENTS]
"""The bytes of files; the option that has them names their paths, and may be repeated."""


class Options(Documented):
    """Options that every source has. The docstring of a field is its help."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = Field(default=None, min_length=1)
    """What the events say as their `source`; left out, the name of the source."""
    accounts: Contents = ()
    """CSV files with the columns `theirs` and `account_id`: which account each of their customers,
    organisations or groups is, where it has another id or several are one."""
