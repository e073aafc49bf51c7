"""The API as a site: which operation is at a path, and its answer as JSON, CSV or a problem."""

import secrets
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

import msgspec

from aggregates.reading.reader import Reader
from exporters.api import accounts, contributors, kpis, movements, segments, series, state
from exporters.api.accept import accepted
from exporters.api.inquiry import Answered, Inquiry, stale
from exporters.api.openapi import described, document_of
from exporters.api.operation import FORMAT, ROOT, Operation
from exporters.api.problem import ProblemError
from exporters.api.query import Query
from exporters.live_reading import LiveReading, Reading
from exporters.pages.rows import Rows
from exporters.site import Asked, Content

JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"

OPERATIONS: Final = (
    *kpis.OPERATIONS,
    *series.OPERATIONS,
    *segments.OPERATIONS,
    *contributors.OPERATIONS,
    *movements.OPERATIONS,
    *accounts.OPERATIONS,
    *state.OPERATIONS,
)

_NOTHING: Final = f"there is nothing at this path; {ROOT}/openapi.json has all that there is"
_NO_ROWS: Final = (
    "accounts are not told here: this process has no rows of them, as an exporter beside workers "
    "has none, or the setting `account_pages` is off; `tidemark explain` tells them"
)

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Api:
    """Answers below ``/api/``."""

    def __init__(self, live: LiveReading, version: str, rows: Rows | None = None) -> None:
        """Takes where readings come from.

        Args:
            live: The readings.
            version: The version of this distribution.
            rows: Those behind the figures; None where accounts are not to be shown.
        """
        self._live = live
        self._rows = rows
        self._operations = (*OPERATIONS, described(lambda: self._document))
        self._document = document_of(self._operations, version)
        self._patterns = [(each.pattern, each) for each in self._operations]
        self._born = secrets.token_hex(8)  # readings are numbered anew in each process

    def are_at(self, path: str) -> bool:
        """Returns whether a path is below ``/api/``."""
        return path == "/api" or path.startswith("/api/")

    def is_slow(self, path: str) -> bool:
        """Returns whether rows of accounts are read for a path."""
        return any(each.of_rows and pattern.fullmatch(path) for pattern, each in self._patterns)

    def refusal(self, status: HTTPStatus, text: str) -> Content:
        """Says that a request is not answered, as a problem."""
        return ProblemError(status, text).content()

    def answer(self, asked: Asked) -> Content:
        """Answers a request, or says what is wrong with it."""
        try:
            return self._answer(asked)
        except ProblemError as problem:
            return problem.content()

    def _answer(self, asked: Asked) -> Content:
        operation, subject = self._found(asked.path)
        if operation.of_rows and self._rows is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, _NO_ROWS)
        query = Query.read(operation.every_parameter, asked.query, labels=operation.labels)
        content_type = _type_of(operation, query, asked.accept)
        known = set(filter(None, map(str.strip, asked.known.split(","))))

        def ask(reading: Reading, reader: Reader | None) -> tuple[str, Answered | None]:
            if operation.of_figures and reading.figures is None:
                raise stale(reading)
            tag = self._tag(reading, asked, content_type) if operation.is_tagged else ""
            if tag in known:
                return tag, None
            calendar, rows = self._live.calendar, self._rows
            return tag, operation.answer(
                Inquiry(asked.path, subject, query, reading, reader, calendar, rows)
            )

        if operation.of_rows:  # takes its time, in which others may read the ledger
            tag, answered = ask(self._live.take(), None)
        else:
            tag, answered = self._live.ask(ask)
        return _content(tag, None if tag and "*" in known else answered, content_type)

    def _found(self, path: str) -> tuple[Operation, str]:
        for pattern, operation in self._patterns:
            if (match := pattern.fullmatch(path)) is not None:
                return operation, match[1] if operation.subject else ""
        raise ProblemError(HTTPStatus.NOT_FOUND, _NOTHING)

    def _tag(self, reading: Reading, asked: Asked, content_type: str) -> str:
        """Returns the tag of an answer: another one whenever the answer may be another."""
        made_of = self._born, reading.version, asked.path, asked.query, content_type
        return f'W/"{blake2b(repr(made_of).encode(), digest_size=12).hexdigest()}"'


def _type_of(operation: Operation, query: Query, accept: str) -> str:
    """Returns the type of the answer.

    Raises:
        ProblemError: If the client takes none that there is.
    """
    there = (JSON, CSV) if operation.has_table else (JSON,)
    asked = query.text(FORMAT.name) if operation.has_table else None
    if asked is not None:
        return CSV if asked == "csv" else JSON
    names = {each.partition(";")[0]: each for each in there}
    wanted = accepted(accept, list(names))
    if wanted is None:
        raise ProblemError(HTTPStatus.NOT_ACCEPTABLE, f"there is {' and '.join(names)} only")
    return names[wanted]


def _content(tag: str, answered: Answered | None, content_type: str) -> Content:
    """Returns what is sent; of what the client has already, that nothing is new."""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} if tag else {}
    if answered is None:
        return Content(content_type, b"", HTTPStatus.NOT_MODIFIED, headers)
    if answered.following is not None:
        headers["Link"] = f'<{answered.following}>; rel="next"'
    if content_type == CSV and answered.table is not None:
        return Content(content_type, answered.table.csv(), headers=headers)
    return Content(content_type, _encode(answered.document), headers=headers)
