"""What fields of models mean: the docstrings under them, read when somebody asks.

pydantic has this (`use_attribute_docstrings`), but reads sources while classes are made: a quarter
of what a command takes to start.
"""

import ast
import inspect
from functools import cache
from types import ModuleType

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Documented(BaseModel):
    """Base of models whose schema has the docstrings of their fields."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Puts the docstrings into the schema."""
        schema = handler(core_schema)
        fields = handler.resolve_ref_schema(schema)["properties"]
        for name, text in docstrings_of(cls).items():
            fields[name]["description"] = text
        return schema


def docstrings_of(model: type[BaseModel]) -> dict[str, str]:
    """Returns the docstring of each field that has one, inherited ones too.

    Args:
        model: A class at the top level of a module whose source is there.
    """
    told: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        module = inspect.getmodule(cls)
        if module is not None and issubclass(cls, Documented):
            told |= _of_module(module).get(cls.__name__, {})
    return {name: text for name, text in told.items() if name in model.model_fields}


@cache
def _of_module(module: ModuleType) -> dict[str, dict[str, str]]:
    """Returns for each class of a module the docstrings of its fields."""
    classes = [n for n in ast.parse(inspect.getsource(module)).body if isinstance(n, ast.ClassDef)]
    return {each.name: _of_class(each) for each in classes}


def _of_class(cls: ast.ClassDef) -> dict[str, str]:
    told: dict[str, str] = {}
    for field, after in zip(cls.body, cls.body[1:], strict=False):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                told[name] = inspect.cleandoc(text)
    return told
