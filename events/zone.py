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
from events.spelling import near

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
    raise UnknownZoneError(f"unknown time zone {name!r}{_meant(name)}")


def _meant(name: str) -> str:
    """Returns which zone may be meant: people say the city alone, or misspell it."""
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    by_city = {each.rpartition("/")[2]: each for each in names if "/" in each}
    found = near(name.rpartition("/")[2], by_city)
    return f" (meant: {by_city[found[0]]}?)" if found else "; IANA names, such as Europe/Berlin"
