"""Dialects: what producers may write in another way than we do, and events are events all the same.

There is one for all that is read, made once from the settings: whoever decodes or routes takes it
whole.
"""

import re
from typing import Annotated, Any, Final, Literal

import msgspec

from events.fields import TEXT_CHARS_MAX
from events.upcasts import FIRST_VERSION

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""What some programs put before a text in UTF-8; no part of it."""


class Dialect(msgspec.Struct, frozen=True):
    """How producers write events.

    Attributes:
        type_prefix: What they put before types, such as `com.example.`.
        dataschema_prefixes: Beginnings of `dataschema`s that are their own and say nothing to us,
            such as `https://example.com/`.
    """

    type_prefix: str = ""
    dataschema_prefixes: tuple[str, ...] = ()

    def name_of(self, kind: str) -> str:
        """Returns the name of a type, the prefix taken off where it is present.

        >>> Dialect("com.example.").name_of("com.example.seats.set"), Dialect().name_of("seats.set")
        ('seats.set', 'seats.set')
        """
        return kind.removeprefix(self.type_prefix)

    def schema_of(self, dataschema: str | None) -> str | None:
        """Returns a `dataschema` that tells a version of ours; None for one of the producers' own.

        >>> dialect = Dialect(dataschema_prefixes=("https://example.com/",))
        >>> dialect.schema_of("https://example.com/seats.json"), dialect.schema_of("seats.set/1")
        (None, 'seats.set/1')
        """
        if dataschema is None or dataschema.startswith(self.dataschema_prefixes):
            return None
        return dataschema

    def first_schemas(self, name: str) -> Any:
        """Returns how msgspec checks that a `dataschema` leaves a type at its first version.

        It may refuse others that do, such as a URI that ends in type and version.
        """
        first = f"{name}/{FIRST_VERSION}"
        if not self.dataschema_prefixes:
            return Literal[first] | None
        own = "|".join(map(re.escape, self.dataschema_prefixes))
        pattern = rf"\A(?:{re.escape(first)}\Z|{own})"
        return (
            Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARS_MAX, pattern=pattern)]
            | None
        )


PLAIN: Final = Dialect()
"""Events as they are described here."""
