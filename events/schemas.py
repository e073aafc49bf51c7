"""JSON Schemas (draft 2020-12) of all types, generated from the models."""

import json
from pathlib import Path
from typing import Any, Final

from events.examples import example_of
from events.registry import EVENT_TYPES, EventType
from events.upcasts import UPCASTS

_NOTES: Final = frozenset({"title", "description"})
"""What a schema says for people."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: EventType) -> dict[str, Any]:
    """Return the schema of a type's whole event, envelope included, with an example.

    Fields beyond it are allowed everywhere. The entity's id may be in the data or be the subject.
    """
    schema: dict[str, Any] = _unwrapped(kind.envelope.model_json_schema())
    data = schema["$defs"][kind.model.__name__]
    description = data.pop("description")
    data.pop("additionalProperties", None)  # said nowhere: they are allowed everywhere
    for name in kind.model.PARTIAL:
        # Left out, it stays as it was: a program that fills in defaults would take it away.
        data["properties"][name].pop("default", None)
    entity = kind.model.ENTITY
    if entity in data.get("required", ()):
        data["required"].remove(entity)
        said = data["properties"][entity]
        text = {name: said.pop(name) for name in list(said) if name not in _NOTES}
        said["anyOf"] = [text, {"type": "null"}]  # as if it were left out
        named = {"required": [entity], "properties": {entity: {"type": "string"}}}
        in_data = {"properties": {"data": named}}
        as_subject = {"required": ["subject"], "properties": {"subject": {"type": "string"}}}
        schema["anyOf"] = [in_data, as_subject]
    return schema | {
        "$schema": DIALECT,
        "$id": f"{kind.name}/{UPCASTS.current_version(kind.name)}",
        "title": kind.name,
        "description": description,
        "examples": [example_of(kind.name)],
    }


def _unwrapped(node: Any) -> Any:
    """Return a part of a schema with each description, a docstring, on one line."""
    if isinstance(node, list):
        return [_unwrapped(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: " ".join(part.split())
        if name == "description" and isinstance(part, str)
        else _unwrapped(part)
        for name, part in node.items()
    }


def write_schemas(directory: Path) -> list[Path]:
    """Write every type's schema to `<type>.json` in a directory, and return these files.

    The directory is made if it does not exist. Other files in it are left as they are.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, kind in sorted(EVENT_TYPES.items()):
        path = directory / f"{name}.json"
        text = json.dumps(schema_of(kind), indent=2, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    return written
