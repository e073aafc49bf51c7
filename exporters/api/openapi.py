"""The OpenAPI document, written from the declarations that parse queries and make answers."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from exporters.api.inquiry import Answered
from exporters.api.operation import ROOT, Operation
from exporters.api.problem import CONTENT_TYPE, Problem

PATH: Final = "/openapi.json"

Document = dict[str, Any]

_REFS: Final = "#/components/schemas/{name}"

_DESCRIPTION: Final = """Live customer-success KPIs, equal to `tidemark replay` of the same events.

* Money is in major units of the reporting currency, durations are in seconds, a ratio of 1 is 100%.
* A value that is undefined is left out, or null where it stands in a row of others; never 0.
* Times are RFC 3339 with an offset, and tile edges: a figure counts what comes before its time.
* Parameters that are not declared are refused, but for the labels of a KPI.
* Lists are paged: `next` in the answer, and the header `Link`, lead to the page that follows, at
  the same times.
* An answer with an `ETag` may be asked for again with `If-None-Match`.
"""

_STATUSES: Final[dict[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "Something in the query is wrong; `detail` says what may be asked.",
    HTTPStatus.NOT_FOUND: "There is no such KPI, account or movement here.",
    HTTPStatus.METHOD_NOT_ALLOWED: "GET and HEAD only.",
    HTTPStatus.NOT_ACCEPTABLE: "The client takes none of the types that there are.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "No body is read.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Figures are not whole, or history is still being read.",
}
"""What is answered with a problem, and when."""

_PLAIN: Final[dict[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "A user and a password of the web configuration file are needed.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The path and the query are longer than 4096 bytes.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "There are more or longer headers than are read.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of ours; the log of the process has it.",
}
"""What is answered in a line of text, before it is known what is asked."""


def document_of(operations: Sequence[Operation], version: str) -> Document:
    """Returns the document of some operations, for a version of this distribution."""
    types = [each.answers for each in operations]
    refs, schemas = msgspec.json.schema_components([*types, Problem], ref_template=_REFS)
    shared = _shared(operations)
    paths = {
        ROOT + each.path: {"get": _operation(each, ref, shared)}
        for each, ref in zip(operations, refs[:-1], strict=True)
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tidemark",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": _numbers(schemas),
            "parameters": {each["name"]: each for each in shared},
            "responses": _RESPONSES,
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
        },
        "security": [{}, {"password": []}],
    }


def described(document: Callable[[], Document]) -> Operation:
    """Returns the operation that tells the document itself."""
    return Operation(
        "get_openapi",
        PATH,
        "This document",
        "All that may be asked, in OpenAPI 3.1.",
        dict[str, Any],
        lambda _: Answered(document()),
        has_table=False,
        of_figures=False,
        is_tagged=False,
    )


def _shared(operations: Sequence[Operation]) -> list[Document]:
    """Returns the parameters that several operations have alike."""
    every = [parameter for each in operations for parameter in _parameters(each)]
    return [
        each
        for place, each in enumerate(every)
        if every.count(each) > 1 and every.index(each) == place
    ]


def _parameters(operation: Operation) -> list[Document]:
    found = [each.declared() for each in operation.every_parameter]
    if operation.subject is not None:
        found.insert(0, _subject(operation.subject))
    return [*found, _LABELS] if operation.labels else found


def _operation(operation: Operation, ref: Document, shared: Sequence[Document]) -> Document:
    parameters = [
        {"$ref": f"#/components/parameters/{each['name']}"} if each in shared else each
        for each in _parameters(operation)
    ]
    content: Document = {"application/json": {"schema": ref}}
    if operation.has_table:
        content["text/csv"] = {"schema": {"type": "string"}}
    headers = {"Link": _LINK} if operation.has_table else {}
    responses: Document = {
        "200": {"description": "What was asked for.", "content": content, "headers": headers}
    }
    if operation.is_tagged:
        responses["200"]["headers"] = {**headers, "ETag": _ETAG}
        responses["304"] = {"description": "The client has it already.", "headers": {"ETag": _ETAG}}
    responses |= {name: {"$ref": f"#/components/responses/{name}"} for name in _RESPONSES}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "responses": responses,
    }


_NUMBER: Final = {"type": "number"}

_TEXT: Final = {"schema": {"type": "string"}}

_ETAG: Final = {
    "description": "Another one whenever the answer may be another.",
    "required": True,
    "schema": {"type": "string"},
}

_LINK: Final = {
    "description": "Where the page that follows is, if one does.",
    "schema": {"type": "string"},
}

_LABELS: Final = {
    "name": "labels",
    "in": "query",
    "description": "Values of the KPI's own labels, each as a parameter of the label's name.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    "example": {"reason": "voluntary"},
}

_SUBJECTS: Final = {
    "kpi": ("The id of a KPI, or its metric.", "mrr"),
    "account": ("The id of an account; a slash in it may stand as it is.", "acme"),
}


def _subject(name: str) -> Document:
    description, example = _SUBJECTS[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _problem(text: str) -> Document:
    schema = {"$ref": _REFS.format(name=Problem.__name__)}
    return {"description": text, "content": {CONTENT_TYPE: {"schema": schema}}}


def _line(text: str) -> Document:
    return {"description": text, "content": {"text/plain": _TEXT}}


def _numbers(schema: Any) -> Any:
    """Returns schemas in which every form of an exact number is one: a number, as it is written."""
    if isinstance(schema, list):
        return [_numbers(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "decimal":
        return _NUMBER
    told = {name: _numbers(each) for name, each in schema.items()}
    if _NUMBER not in (kinds := told.get("anyOf", [])):
        return told
    kinds = [each for each in kinds if each not in (_NUMBER, {"type": "integer"})]
    del told["anyOf"]
    return {**told, "anyOf": [_NUMBER, *kinds]} if kinds else {**told, **_NUMBER}


def _responses() -> Document:
    """Returns what each operation may answer but what was asked for, by status."""
    found = {str(int(status)): _problem(text) for status, text in _STATUSES.items()}
    found |= {str(int(status)): _line(text) for status, text in _PLAIN.items()}
    busy = found[str(int(HTTPStatus.SERVICE_UNAVAILABLE))]
    busy["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    busy["content"]["text/plain"] = _TEXT  # while all places of the server are taken
    return found


_RESPONSES: Final = _responses()
