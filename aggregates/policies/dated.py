"""Policies that change over time: values, each from an instant on."""

from fractions import Fraction
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, field_validator, model_validator

from events import parse_instant
from events.docstrings import Documented


def _checked(text: str) -> str:
    """Returns a text if it is an instant."""
    try:
        parse_instant(text)
    except ValueError as error:
        example = "2026-01-01T00:00:00Z"
        raise ValueError(f"needs a time with its zone, such as {example}, not {text!r}") from error
    return text


Instant = Annotated[str, AfterValidator(_checked)]
"""RFC 3339 text of an instant."""


class Valid(Documented):
    """What holds from an instant on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: Instant = "2000-01-01T00:00:00Z"
    """RFC 3339 instant from which it holds."""


class ValidBetween(Valid):
    """What holds from an instant on, and may end."""

    valid_until: Instant | None = None
    """RFC 3339 instant from which it holds no longer; left out, it holds on."""

    @model_validator(mode="after")
    def _holds_at_all(self) -> Self:
        until = self.valid_until
        if until is not None and parse_instant(until) <= parse_instant(self.valid_from):
            raise ValueError("valid_until is not after valid_from")
        return self


class Dated(Valid):
    """A value from an instant on, until the next one."""

    value: Fraction
    """The value, exact: ``"0.8"`` or ``"4/5"``."""


class DatedShare(Dated):
    """A share from 0 to 1 from an instant on."""

    @field_validator("value")
    @classmethod
    def _is_a_share(cls, value: Fraction) -> Fraction:
        if not 0 <= value <= 1:
            raise ValueError("a share lies between 0 and 1")
        return value
