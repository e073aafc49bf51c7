"""Operations: what may be asked at one path, declared once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exporters.api.inquiry import Answered, Inquiry
from exporters.api.parameter import Parameter, one_of, text

ROOT: Final = "/api/v1"

FORMAT: Final = Parameter(
    "format",
    "The form of the answer, which is stronger than the header `Accept`.",
    one_of("json", "csv"),
    "csv",
)

WINDOW: Final = Parameter(
    "window",
    "One of the KPI's windows; otherwise the one that its tile shows.",
    text(20),
    "30d",
)

SEGMENT: Final = Parameter(
    "segment",
    "Only the accounts whose attribute has this value, as NAME=VALUE; VALUE alone says enough "
    "where the setting `segments` has one attribute. Several must all hold.",
    text(300),
    "enterprise",
    many=True,
)

_TIMES: Final = (
    "An RFC 3339 time, a date, `now`, `today`, or a span back such as `-30d`; dates are of the "
    "reporting time zone. It is taken up to the next quarter of an hour."
)


def time_of(
    name: str, meaning: str, example: str = "2026-02-01", *, required: bool = False
) -> Parameter:
    """Returns a parameter that is a time."""
    return Parameter(name, f"{meaning} {_TIMES}", text(40), example, required=required)


@dataclass(frozen=True, slots=True)
class Operation:
    """What may be asked at one path.

    Attributes:
        name: Its name in generated clients.
        path: The path below ``ROOT``; in braces what it names.
        summary: What it answers, in a line.
        description: More of that, in Markdown.
        answers: The type of the answer.
        answer: Answers an inquiry, or raises a ProblemError.
        parameters: What its query may say.
        labels: Whether the query may also say values of the KPI's labels.
        has_table: Whether the answer may be had as CSV.
        of_figures: Whether it is answered only while figures are whole.
        of_rows: Whether it is answered only where rows of accounts are at hand, and apart.
        is_tagged: Whether the answer is the same for a query as long as the figures are.
    """

    name: str
    path: str
    summary: str
    description: str
    answers: Any
    answer: Callable[[Inquiry], Answered]
    parameters: tuple[Parameter, ...] = ()
    labels: bool = False
    has_table: bool = True
    of_figures: bool = True
    of_rows: bool = False
    is_tagged: bool = True

    @property
    def every_parameter(self) -> tuple[Parameter, ...]:
        """Its parameters, with those that each of its kind has."""
        return (*self.parameters, FORMAT) if self.has_table else self.parameters

    @property
    def subject(self) -> str | None:
        """What the path names; None if nothing."""
        found = re.search(r"\{(\w+)\}", self.path)
        return None if found is None else found[1]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches a path; the id of an account may have slashes in it."""
        kinds = {"kpi": "[^/]+", "account": ".+"}
        subject = self.subject
        form = re.escape(ROOT + self.path)
        if subject is not None:
            form = form.replace(rf"\{{{subject}\}}", f"({kinds[subject]})")
        return re.compile(form, re.DOTALL)
