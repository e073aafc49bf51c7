"""Public holidays of a country or a part of it, from the package ``holidays``, as dates to keep.

They are looked up once, when a file of settings is written. The file has plain dates: what the
package says differs between its versions, and figures must not change with one.
"""

import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Final, NamedTuple

from events.spelling import meant
from streams.settings.error import SettingsError

_YEARS: Final = re.compile(r"(\d{4})(?:-(\d{4}))?")
_YEARS_MAX: Final = 20
"""Years that are written at most: further ones are mere guesses of any calendar."""


class PublicHolidays(NamedTuple):
    """The holidays of a region.

    Attributes:
        region: Country and part of it, such as ``DE-BY``.
        years: The years, the first and the last.
        dates: Each with its name, in order.
        categories: What kinds of holidays are among them.
        left_out: What other kinds the package knows there.
        version: Of the package.
    """

    region: str
    years: tuple[int, int]
    dates: Sequence[tuple[date, str]]
    categories: tuple[str, ...]
    left_out: tuple[str, ...]
    version: str


def years_of(text: str) -> tuple[int, int]:
    """Returns the first and the last year of ``2026`` or ``2026-2028``.

    Raises:
        SettingsError: If it is neither.
    """
    match = _YEARS.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last < first + _YEARS_MAX:
        raise SettingsError(f"--years {text!r} is neither a year nor up to {_YEARS_MAX}: 2026-2028")
    return first, last


def public_holidays(region: str, years: tuple[int, int], categories: str) -> PublicHolidays:
    """Looks the holidays up; where a day off is given for one, both days are among them.

    Args:
        region: ISO code of a country, perhaps with ``-`` and a part of it, as the package has them.
        years: The first and the last.
        categories: Names with commas between, such as ``public``.

    Raises:
        SettingsError: If the package is not installed, or does not know the region or a category.
    """
    try:
        import holidays
    except ImportError as error:
        raise SettingsError("--holidays needs a package: pip install holidays") from error
    country, _, part = region.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise SettingsError(f"--holidays {region}: unknown country{meant(country, known)}")
    try:
        found = holidays.country_holidays(
            country,
            subdiv=part or None,
            years=range(years[0], years[1] + 1),
            language="en_US",
            categories=tuple(categories.split(",")),
        )
    except NotImplementedError as error:
        parts = ", ".join(known[country]) or "none"
        raise SettingsError(f"--holidays {region}: parts of {country} are {parts}") from error
    except ValueError as error:
        raise SettingsError(f"--categories {categories}: {error}") from error
    empty = sorted({*range(years[0], years[1] + 1)} - {day.year for day in found})
    if empty:
        raise SettingsError(f"--holidays {region}: none are known for {empty[0]}")
    others = {*found.supported_categories} - {*found.categories}
    return PublicHolidays(
        region,
        years,
        sorted(found.items()),
        tuple(sorted(found.categories)),
        tuple(sorted(others)),
        version("holidays"),
    )
