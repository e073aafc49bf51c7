"""Bodies of requests, read within bounds of time and bytes."""

import asyncio
import zlib
from http import HTTPStatus
from typing import Final

from aiohttp import web

from events.errors import TidemarkError
from exporters.http.connection import REQUEST_S, Connection

BODY_BYTES_MAX: Final = 4 << 20
"""Of a request, as sent and decompressed: some thousand events, or Segment's largest batch eight
times over."""

_GZIP: Final = 16 + zlib.MAX_WBITS


class BodyError(TidemarkError):
    """A body is not taken.

    Attributes:
        status: What the client is told.
    """

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


async def body_of(request: web.BaseRequest) -> bytes:
    """Reads a request's body, as it was sent.

    Its client is one who waits, until it is here: clients that do not send theirs keep nobody out.

    Raises:
        BodyError: If it is too large, or does not come in time.
    """
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise _too_large()
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    connection = request.protocol
    assert isinstance(connection, Connection)
    parts: list[bytes] = []
    size = 0
    connection.wait_for_more()
    try:
        async with asyncio.timeout(REQUEST_S):
            async for part in request.content.iter_any():
                size += len(part)
                if size > BODY_BYTES_MAX:
                    raise _too_large()
                parts.append(part)
    except TimeoutError as error:
        raise BodyError(HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time") from error
    finally:
        connection.busy()
    return b"".join(parts)


def plain(body: bytes, encoding: str) -> bytes:
    """Decompresses a body by its ``Content-Encoding``.

    Raises:
        BodyError: If it is too large then, damaged, or compressed in another way.
    """
    if encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise BodyError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding: gzip, or none")
    reading = zlib.decompressobj(_GZIP)
    try:
        found = reading.decompress(body, BODY_BYTES_MAX + 1)
    except zlib.error as error:
        raise BodyError(HTTPStatus.BAD_REQUEST, "the body is no gzip") from error
    if len(found) > BODY_BYTES_MAX:
        raise _too_large()
    if not reading.eof or reading.unused_data:
        raise BodyError(HTTPStatus.BAD_REQUEST, "the body is not one whole gzip")
    return found


def _too_large() -> BodyError:
    text = f"a body has at most {BODY_BYTES_MAX} bytes: send fewer events at a time"
    return BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
