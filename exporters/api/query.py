"""Queries: the values of declared parameters, and what is left as labels of a KPI."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from events.spelling import did_you_mean
from exporters.api.parameter import Parameter
from exporters.api.problem import ProblemError, wrong


@dataclass(frozen=True, slots=True)
class Query:
    """What a query says.

    Attributes:
        parameters: What it may say.
        values: Values of parameters that may be given once.
        lists: Values of those that may be given several times.
        labels: What is no parameter, with the one value of each; none unless labels may be given.
    """

    parameters: Sequence[Parameter]
    values: Mapping[str, str | int]
    lists: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]

    @classmethod
    def read(
        cls, parameters: Sequence[Parameter], given: Iterable[tuple[str, str]], *, labels: bool
    ) -> "Query":
        """Reads a query.

        Args:
            parameters: What it may say.
            given: Names and values, in order.
            labels: Whether what is no parameter may be a label.

        Raises:
            ProblemError: If something is wrong, given twice, unknown or left out.
        """
        known = {parameter.name: parameter for parameter in parameters}
        values: dict[str, str | int] = {}
        lists: dict[str, list[str]] = {}
        rest: dict[str, str] = {}
        for name, text in given:
            parameter = known.get(name)
            if parameter is None and not labels:
                raise unknown(name, known)
            if parameter is not None and parameter.many:
                lists.setdefault(name, []).append(str(parameter.read(text)))
            elif name in values or name in rest:
                raise wrong(name, f"{name} is given twice")
            elif parameter is not None:
                values[name] = parameter.read(text)
            else:
                rest[name] = text
        for parameter in parameters:
            if parameter.required and parameter.name not in values:
                example = urlencode({parameter.name: parameter.example})
                raise wrong(parameter.name, f"{parameter.name} must be given, such as {example}")
        return cls(parameters, values, lists, rest)

    def text(self, name: str) -> str | None:
        """Returns the value of a parameter; None if it is not given."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> int:
        """Returns the value of a parameter that is an integer, or its default."""
        default = next(each.schema["default"] for each in self.parameters if each.name == name)
        return int(self.values.get(name, default))

    def encoded(self, changes: Mapping[str, str]) -> str:
        """Returns the query as text, with some values set."""
        pairs: list[tuple[str, str | int]] = list({**self.values, **changes}.items())
        pairs += [(name, text) for name, texts in self.lists.items() for text in texts]
        return urlencode([*pairs, *self.labels.items()])


def unknown(name: str, known: Iterable[str]) -> ProblemError:
    """Returns the problem of a parameter that there is not."""
    names = list(known)
    there = ", ".join(names) or "none"
    return wrong(name, f"there is no parameter {name!r}; known: {there}{did_you_mean(name, names)}")
