"""Parameters: what a query may say, declared once for who reads it and who documents it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporters.api.problem import wrong

_INTEGER: Final = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    Attributes:
        name: Its name.
        description: What it says, in Markdown.
        schema: The JSON schema of its value: a string of bounded length, one of some strings, or
            an integer in a range. What is read is checked against it.
        example: A value that is good.
        many: Whether it may be given several times.
        required: Whether it must be given.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    example: str | int
    many: bool = False
    required: bool = False

    def read(self, text: str) -> str | int:
        """Returns the value of a text.

        Raises:
            ProblemError: If the schema does not allow it.
        """
        schema = self.schema
        if schema["type"] == "integer":
            low, high = schema["minimum"], schema["maximum"]
            if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
                raise wrong(self.name, f"{self.name} {text!r} is no integer from {low} to {high}")
            return int(text)
        if "enum" in schema:
            if text not in schema["enum"]:
                known = ", ".join(schema["enum"])
                raise wrong(self.name, f"{self.name} {text!r} is none of {known}")
            return text
        if not schema["minLength"] <= len(text) <= schema["maxLength"]:
            most = schema["maxLength"]
            raise wrong(self.name, f"{self.name} takes from 1 to {most} characters")
        return text

    def declared(self) -> dict[str, Any]:
        """Returns the parameter as an OpenAPI document has it."""
        schema = dict(self.schema)
        if self.many:
            schema = {"type": "array", "items": schema, "minItems": 1}
        return {
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.description,
            "schema": schema,
            "example": [self.example] if self.many else self.example,
        }


def text(chars_max: int) -> Mapping[str, Any]:
    """Returns the schema of a text of so many characters at most."""
    return {"type": "string", "minLength": 1, "maxLength": chars_max}


def one_of(*values: str) -> Mapping[str, Any]:
    """Returns the schema of one of some texts."""
    return {"type": "string", "enum": list(values)}


def integer(least: int, most: int, usual: int) -> Mapping[str, Any]:
    """Returns the schema of a number in a range, with what it is unless it is given."""
    return {"type": "integer", "minimum": least, "maximum": most, "default": usual}
