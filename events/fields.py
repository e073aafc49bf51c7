"""Scalar field types that the event models share: ids, instants, money, counts, scores.

Each type is strict: no text is read as a number, no number as text, and JSON's missing values
(NaN, Infinity) are refused. Imports nothing of the models that use it.
"""

import math
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, StringConstraints
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from events.instant import InstantOutOfBandError, format_instant, parse_instant

TEXT_CHARS_MAX: Final = 512
"""Characters of an id or label. Ids become row keys and series labels, which must stay short."""

AMOUNT_MAX: Final = 10**18
"""Minor units: a thousand times what the largest contracts come to in the weakest currencies (10^15
in rupiah, dong, rial), and still a 64-bit integer wherever JSON is read. Above it lies no money."""

COUNT_MAX: Final = 1_000_000_000
"""Seats, quantities, repeated uses: above a billion in one fact is a wrong unit."""

SECONDS_MAX: Final = 315_360_000
"""Ten years: a longer single session or work log is milliseconds sent as seconds."""

PERCENT_MAX: Final = 100
"""The whole, as a share of 100."""

SEQUENCE_MAX: Final = 2**63 - 1
"""Largest numeric sequence: a signed 64-bit counter, 19 digits, fits the 20 of the sort key."""

TIMESTAMP_OUT_OF_BAND: Final = "timestamp_out_of_band"
"""Error type, and reject reason, of an instant outside of the sanity band."""


def _read_instant(value: object) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "must be an RFC 3339 timestamp in text")
    try:
        return parse_instant(value)
    except InstantOutOfBandError as error:
        raise PydanticCustomError(
            TIMESTAMP_OUT_OF_BAND, "must lie in the years 2000 to 2099"
        ) from error
    except ValueError as error:
        raise PydanticCustomError(
            "instant", "must be an RFC 3339 timestamp with an offset, as in 2026-03-14T09:26:53Z"
        ) from error


def read_whole(value: object) -> object:
    """Take a JSON number without a fraction as the integer it is, however it is written.

    JSON Schema's `integer` is told by value: 2.0 and 2e0 are 2. With a point or an exponent a
    number is a double, as in most readers of JSON, and so exact up to 2^53.

    >>> read_whole(2.0), read_whole(2.5), read_whole("2")
    (2, 2.5, '2')
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_percent(value: object) -> object:
    """Take a JSON number at its shortest decimal text, so that 33.3 is exactly 33.3."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PydanticCustomError("percent", "must be a number from 0 to 100")
    return Decimal(repr(value))


Id = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARS_MAX)]
"""An id, or a label such as a feature's name."""

Instant = Annotated[
    int,
    PlainValidator(_read_instant),
    PlainSerializer(format_instant, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An RFC 3339 timestamp, as milliseconds since the epoch."""

WHOLE: Final = BeforeValidator(read_whole)
"""Put last on an integer, that its bounds stay those of the schema."""

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX), WHOLE]
"""Money in minor units of its currency."""

SignedAmount = Annotated[int, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX), WHOLE]
"""Money in minor units of its currency; below 0 it is given back."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
"""An ISO 4217 code, in capitals whatever the producer's case."""

Percent = Annotated[
    Decimal,
    BeforeValidator(read_percent),
    Field(ge=0, le=PERCENT_MAX),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": PERCENT_MAX}),
]
"""A share of 100, exact to the digits sent."""

Count = Annotated[int, Field(ge=0, le=COUNT_MAX), WHOLE]
"""A number of things, none included."""

PositiveCount = Annotated[int, Field(ge=1, le=COUNT_MAX), WHOLE]
"""A number of things, one at least."""

Seconds = Annotated[float, Field(ge=0, le=SECONDS_MAX, allow_inf_nan=False)]
"""A duration in seconds, fractions allowed."""


def label_of(value: object) -> str | None:
    """Writes a JSON value as the text of a label.

    Numbers are equal where JSON has them equal: 3.0 is 3. None is what takes a label away, as empty
    text does.

    Returns:
        The text, empty for none; or None if a label cannot be made of it: of a list or an object,
        of text longer than an id, of a number out of 64 bits.

    >>> label_of("gold"), label_of(True), label_of(3.0), label_of(2.5), label_of(None)
    ('gold', 'true', '3', '2.5', '')
    >>> label_of(["gold"]) is None
    True
    """
    match value:
        case None:
            return ""
        case str():
            return value if len(value) <= TEXT_CHARS_MAX else None
        case bool():
            return str(value).lower()
        case int() | float() if abs(value) <= SEQUENCE_MAX:
            return str(int(value)) if value == int(value) else repr(value)
        case _:
            return None
