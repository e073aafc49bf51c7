"""Policies: the choices on which the field disagrees, with the defaults of Tidemark.

A policy holds for the whole history: changing one means computing the history anew from the events.
"""

import re
from bisect import bisect_right
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Final

from pydantic import AfterValidator, Field, field_validator

from aggregates.policies.accounts import AccountPolicy
from aggregates.policies.area import Area
from aggregates.policies.dated import Valid
from aggregates.policies.health import HealthPolicy
from aggregates.policies.lifetime import LifetimePolicy
from aggregates.policies.revenue import RevenuePolicy
from aggregates.policies.support import SupportPolicy
from aggregates.policies.surveys import SurveyPolicy
from aggregates.policies.usage import UsagePolicy
from aggregates.time.window import WINDOWS_SAID, is_window
from events import parse_instant


class TargetPolicy(Area):
    """Which of several benchmarks is the target in force."""

    industry: str | None = None
    """Name of the benchmark in force, such as `b2c` or `telecom`, for KPIs that have one of that
    name; others, and all without it, go by the first."""


GENERAL: Final = ("timezone", "currency", "exchange_rates", "segments", "segment_values_max")
"""Policies of every figure."""

ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""What the name of an attribute looks like that can be a label of Prometheus."""

_ONE: Final = Fraction(1)

_RATE_MAX: Final = Fraction(10**30)
"""A gram of the dearest in a unit of the cheapest is far below; with more, sums are no floats."""


def _as_window(name: str) -> str:
    if not is_window(name):
        raise ValueError(f"unknown window {name!r}, only {WINDOWS_SAID}")
    return name


WindowName = Annotated[str, AfterValidator(_as_window)]


class Rate(Valid):
    """An exchange rate from a day on."""

    rate: Fraction
    """Units of the reporting currency for one unit of the foreign one, exact."""

    @field_validator("rate")
    @classmethod
    def _is_positive(cls, rate: Fraction) -> Fraction:
        if rate <= 0:
            raise ValueError("an exchange rate is above 0")
        if not 1 / _RATE_MAX <= rate <= _RATE_MAX:
            raise ValueError("an exchange rate lies between 1e-30 and 1e30")
        return rate


class Policy(
    AccountPolicy,
    HealthPolicy,
    LifetimePolicy,
    RevenuePolicy,
    SupportPolicy,
    SurveyPolicy,
    TargetPolicy,
    UsagePolicy,
):
    """The settings that folds and contributions depend on: those of each area, and those of all."""

    timezone: str = "UTC"
    """IANA time zone of days and months."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """Reporting currency, ISO 4217."""
    exchange_rates: dict[str, list[Rate]] = Field(default_factory=dict)
    """Units of the reporting currency for one unit of another, by ISO 4217 code."""
    segments: tuple[str, ...] = ("segment",)
    """Account attributes by which figures are told apart, those of `account.created` and your own:
    the labels of `cs_by_segment_...`, and what formulas may select, as in `mrr(region="emea")`.
    Changing them means computing the history anew, as with any policy."""
    segment_values_max: Annotated[int, Field(ge=1)] = 100
    """Values of one such attribute that are shown. Those that came later, by the time of the first
    event that moved a figure and then by name, are shown together as `other`, and it is said how
    many there are. Read at each reading: after a change nothing is computed anew."""
    further_windows: dict[str, tuple[WindowName, ...]] = Field(default_factory=dict)
    """Windows over which the measures of a family are counted beside those of the shipped KPIs, by
    name of the family: `nps = ["30d", "180d", "quarter"]`. Levels and flows take any window."""

    @field_validator("segments")
    @classmethod
    def _are_labels(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not ATTRIBUTE.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a label: letters, digits and _")
        if len(set(names)) < len(names):
            raise ValueError("an attribute is named once")
        return names

    @property
    def asked_segments(self) -> tuple[str, ...]:
        """The attributes that somebody asked for: none where the default holds."""
        return () if self.segments == ("segment",) else self.segments

    def rate(self, currency: str, at_ms: int) -> Fraction | None:
        """Returns the exchange rate of a currency at an instant, or None if there is none.

        >>> policy = Policy(exchange_rates={"EUR": [Rate(rate=Fraction("1.1"))]})
        >>> policy.rate("EUR", 1_769_904_000_000), policy.rate("USD", 0), policy.rate("GBP", 0)
        (Fraction(11, 10), Fraction(1, 1), None)
        """
        if currency == self.currency:
            return _ONE
        since, rates = self._rates.get(currency, ((), ()))
        valid = bisect_right(since, at_ms)
        return rates[valid - 1] if valid else None

    def new_rates_ms(self, currency: str) -> tuple[int, ...]:
        """The instants, ms of the epoch, at which a currency's rate gives way to another."""
        since, _ = self._rates.get(currency, ((), ()))
        return since[1:]

    @cached_property
    def _rates(self) -> dict[str, tuple[tuple[int, ...], tuple[Fraction, ...]]]:
        """The rates of each currency in the order of their validity, with its beginnings in ms."""
        table = {}
        for currency, rates in self.exchange_rates.items():
            dated = sorted((parse_instant(rate.valid_from), rate.rate) for rate in rates)
            table[currency] = tuple(at for at, _ in dated), tuple(rate for _, rate in dated)
        return table
