"""Time zones, always from the pinned package ``tzdata``, never from the files of the host.

Two hosts with zone files of different years would put one event on different days. Python's own
``ZoneInfo(name)`` looks at the host first.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

from events.errors import TidemarkError

IANA_VERSION: Final[str] = tzdata.IANA_VERSION
"""Version of the IANA time zone database in force, such as 2025c."""

_NAME: Final = re.compile(r"[\w+-]+(/[\w+-]+)*", re.ASCII)


class UnknownZoneError(TidemarkError, ValueError):
    """There is no such time zone."""


@cache
def zone(name: str) -> ZoneInfo:
    """Returns the rules of an IANA time zone.

    Raises:
        UnknownZoneError: If the package has no zone of that name.
    """
    if _NAME.fullmatch(name):
        try:
            with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
                return ZoneInfo.from_file(rules, key=name)
        except (OSError, ValueError):
            pass
    raise UnknownZoneError(f"unknown time zone {name!r}")
