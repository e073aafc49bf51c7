"""Problems: why a request is not answered, and what may be asked instead (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from events.errors import TidemarkError
from exporters.site import Content

CONTENT_TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """Why a request is not answered."""

    title: Annotated[str, msgspec.Meta(description="The phrase of the status.")]
    status: Annotated[int, msgspec.Meta(description="The status, once more.")]
    detail: Annotated[str, msgspec.Meta(description="What is wrong, and what may be asked.")]
    parameter: Annotated[str, msgspec.Meta(description="The parameter that is wrong.")] = ""


class ProblemError(TidemarkError):
    """A request that is not answered; the message says what may be asked instead."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        parameter: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self._parameter = parameter
        self._headers = headers or {}

    def content(self) -> Content:
        """Returns the problem as it is sent."""
        document = Problem(self.status.phrase, self.status, str(self), self._parameter)
        body = msgspec.json.encode(document)
        return Content(CONTENT_TYPE, body, self.status, self._headers)


def wrong(parameter: str, detail: str) -> ProblemError:
    """Returns the problem of a parameter."""
    return ProblemError(HTTPStatus.BAD_REQUEST, detail, parameter)
