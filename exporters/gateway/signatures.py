"""Signatures of webhooks: who sent a body, and when.

Each scheme is the sender's own, checked against each secret, so that one can be replaced by another
without a gap. A time that is signed with the body is held within ``TOLERANCE_S`` both ways: from
the past it may be an old request sent again, from the future a clock that is wrong. Segment's
and Typeform's sign no time: an old request sent again is a duplicate there.
"""

import binascii
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha1, sha256
from typing import Final

from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks.webhooks import EmptyWebhookSecretError, WebhookVerificationError

from events.errors import TidemarkError
from events.instant import parse_instant

TOLERANCE_S: Final = 300
"""Five minutes: what Stripe's and the Standard Webhooks libraries allow for the past."""


class SignatureError(TidemarkError):
    """A body is not from who it should be, or not from now; the message has no secret in it."""


Verify = Callable[[Mapping[str, str], bytes, Sequence[str], float], None]
"""Takes headers (names in any case), body, secrets, and the time in seconds of the epoch; raises
SignatureError."""


def stripe(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """``Stripe-Signature: t=SECONDS,v1=HEX``, SHA-256 over ``t.body``; several v1 while rolling."""
    pairs = [part.partition("=")[::2] for part in _header(headers, "Stripe-Signature").split(",")]
    times = [value for name, value in pairs if name.strip() == "t"]
    if len(times) != 1:
        raise SignatureError("the signature has no time")
    _check_time(_number(times[0]), now_s)
    given = [value for name, value in pairs if name.strip() == "v1"]
    signed = times[0].encode() + b"." + body
    _check(given, (hmac.new(each.encode(), signed, sha256).hexdigest() for each in secrets))


def zendesk(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """``X-Zendesk-Webhook-Signature``: base64 of SHA-256 over the time's text and the body."""
    time = _header(headers, "X-Zendesk-Webhook-Signature-Timestamp")
    try:
        _check_time(parse_instant(time) / 1000, now_s)
    except ValueError as error:
        raise SignatureError("the time of the signature is none") from error
    given = [_header(headers, "X-Zendesk-Webhook-Signature")]
    signed = time.encode() + body
    _check(given, (_base64(hmac.digest(each.encode(), signed, sha256)) for each in secrets))


def segment(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """``X-Signature``: hex of SHA-1 over the body."""
    given = [_header(headers, "X-Signature")]
    _check(given, (hmac.new(each.encode(), body, sha1).hexdigest() for each in secrets))


def typeform(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """``Typeform-Signature: sha256=BASE64``: SHA-256 over the body, without a time."""
    given = [_header(headers, "Typeform-Signature").removeprefix("sha256=")]
    _check(given, (_base64(hmac.digest(each.encode(), body, sha256)) for each in secrets))


def standard(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """Standard Webhooks, by its own library, which reads the clock itself."""
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        _header(headers, name)
    for each in secrets:
        try:
            StandardWebhook(each).verify(body, dict(headers), json_parse=False)
        except (EmptyWebhookSecretError, WebhookVerificationError, ValueError, RuntimeError):
            continue  # of another secret; malformed parts of a header are a ValueError
        return
    raise SignatureError("no signature fits, or its time is more than 5 minutes off")


def token(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> None:
    """``Authorization: Bearer SECRET``, for senders that sign nothing but can set a header."""
    scheme, _, given = _header(headers, "Authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureError("a bearer token is needed")
    _check([given.strip()], iter(secrets))


SIGNATURES: Final[Mapping[str, Verify]] = {
    "stripe": stripe,
    "zendesk": zendesk,
    "segment": segment,
    "typeform": typeform,
    "standard": standard,
    "token": token,
}
"""The schemes by name."""


def _header(headers: Mapping[str, str], name: str) -> str:
    for key, value in headers.items():
        if key.lower() == name.lower():
            try:
                value.encode()
            except UnicodeEncodeError as error:  # bytes that are none stand for themselves in it
                raise SignatureError(f"the header {name} is not UTF-8") from error
            return value
    raise SignatureError(f"there is no header {name}")


def _number(text: str) -> float:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise SignatureError("the time of the signature is no number")
    return float(text)


def _check_time(signed_s: float, now_s: float) -> None:
    if abs(now_s - signed_s) > TOLERANCE_S:
        raise SignatureError(f"its time is more than {TOLERANCE_S} seconds off")


def _check(given: Sequence[str], wanted: Iterator[str]) -> None:
    """Compares each with each, in a time that tells nothing of how much of them is alike."""
    fits = False
    for want in wanted:
        for each in given:
            fits |= hmac.compare_digest(each.encode(), want.encode())
    if not fits:
        raise SignatureError("no signature fits")


def _base64(digest: bytes) -> str:
    return binascii.b2a_base64(digest, newline=False).decode()
