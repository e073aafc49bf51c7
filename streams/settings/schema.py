"""The JSON Schema (draft 2020-12) of ``tidemark.toml``, for editors."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from streams.settings.file import FILE
from streams.settings.model import Settings

SCHEMA_FILE: Final = "tidemark.schema.json"
"""Name of the schema's file: beside the file of settings, which names it."""

_NULL: Final = {"type": "null"}


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        """Says no: a title that is the name again says nothing."""
        return False


def settings_schema() -> dict[str, Any]:
    """Returns the schema; keys that are no settings are refused everywhere."""
    schema: dict[str, Any] = _plain(Settings.model_json_schema(schema_generator=_Generator))
    schema["properties"]["redis"].pop("default")  # a secret's, which is stars
    by_name = {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/CoreFeature"}]}
    schema["properties"]["core_features"]["items"] = by_name
    return {**schema, "$schema": _Generator.schema_dialect, "$id": FILE, "title": FILE}


def schema_text() -> str:
    """Returns the schema as its file has it."""
    return json.dumps(settings_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def allowed_values() -> dict[str, str]:
    """Returns what each setting may be, where that is a choice or a range.

    >>> allowed_values()["port"], allowed_values()["user_basis"]
    ('0 to 65535', '"seen" or "added"')
    """
    said = {name: _allowed(node) for name, node in settings_schema()["properties"].items()}
    return {name: text for name, text in said.items() if text}


def _allowed(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        *others, last = (json.dumps(each) for each in node["enum"])
        return f"{', '.join(others)} or {last}"
    if node.get("type") == "boolean":
        return "true or false"
    if "enum" in node.get("items", {}):
        return f"any of {', '.join(json.dumps(each) for each in node['items']['enum'])}"
    if "minimum" in node and "maximum" in node:
        return f"{node['minimum']:g} to {node['maximum']:g}"
    words = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}
    return ", ".join(f"{said} {node[name]:g}" for name, said in words.items() if name in node)


def _plain(node: Any) -> Any:
    """Returns a part of a schema as TOML needs it: without null, descriptions on one line."""
    if isinstance(node, list):
        return [_plain(each) for each in node if each != _NULL]
    if not isinstance(node, dict):
        return node
    if _NULL in node.get("anyOf", ()):
        rest = [each for each in node["anyOf"] if each != _NULL]
        others = {name: part for name, part in node.items() if name not in ("anyOf", "default")}
        node = {**others, **(rest[0] if len(rest) == 1 else {"anyOf": rest})}
    return {
        name: " ".join(part.split()).replace("``", "`")
        if name == "description" and isinstance(part, str)
        else _plain(part)
        for name, part in node.items()
    }
