"""Signatures: each scheme as its sender writes it, with the time held both ways."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from events import format_instant
from exporters.gateway.signatures import SIGNATURES, TOLERANCE_S, SignatureError
from streams.clock import now_ms

BODY = b'{"id":"evt_1","object":"event"}'
AT_S = 1_772_708_405
OLD, NEW = "whsec_first", "whsec_second"
STANDARD = "whsec_c2VjcmV0LW9mLXRoaXMtdGVzdA=="


def stripe(secret: str, at_s: float) -> dict[str, str]:
    """As Stripe's documentation has it."""
    signed = hmac.new(secret.encode(), b"%d." % at_s + BODY, sha256).hexdigest()
    return {"Stripe-Signature": f"t={int(at_s)},v1={signed}"}


def zendesk(secret: str, at_s: float) -> dict[str, str]:
    """As Zendesk's documentation has it."""
    time = format_instant(int(at_s) * 1000)
    signed = hmac.digest(secret.encode(), time.encode() + BODY, sha256)
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(signed).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": time,
    }


def segment(secret: str, at_s: float) -> dict[str, str]:
    """As Segment's documentation has it: without a time."""
    return {"X-Signature": hmac.new(secret.encode(), BODY, sha1).hexdigest()}


def token(secret: str, at_s: float) -> dict[str, str]:
    """A shared secret."""
    return {"Authorization": f"Bearer {secret}"}


SIGN = {"stripe": stripe, "zendesk": zendesk, "segment": segment, "token": token}
TIMED = ["stripe", "zendesk"]


@pytest.mark.parametrize("name", SIGN)
def test_what_was_signed_is_let_in(name: str) -> None:
    """By any of the secrets, so that one can be replaced by another; headers in any case."""
    verify = SIGNATURES[name]
    for secret in (OLD, NEW):
        headers = SIGN[name](secret, AT_S)
        verify(headers, BODY, [OLD, NEW], AT_S)
        verify({key.lower(): value for key, value in headers.items()}, BODY, [OLD, NEW], AT_S)


@pytest.mark.parametrize("name", SIGN)
def test_what_was_not_signed_is_not(name: str) -> None:
    """Another secret, another body, no header: each is refused, and no secret is told."""
    verify, headers = SIGNATURES[name], SIGN[name](OLD, AT_S)
    wrong: list[tuple[dict[str, str], bytes, list[str]]] = [
        (headers, BODY, [NEW]),
        ({}, BODY, [OLD]),
        ({key: "" for key in headers}, BODY, [OLD]),
    ]
    if name != "token":  # which signs nothing
        wrong.append((headers, BODY + b" ", [OLD]))
    for given_headers, body, secrets in wrong:
        with pytest.raises(SignatureError) as refused:
            verify(given_headers, body, secrets, AT_S)
        assert OLD not in str(refused.value)
        assert NEW not in str(refused.value)


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("off_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 86_400, -86_400])
def test_another_time_is_refused_both_ways(name: str, off_s: int) -> None:
    """An old request sent again, and one from the future: senders' own libraries let that in."""
    SIGNATURES[name](SIGN[name](OLD, AT_S), BODY, [OLD], AT_S + TOLERANCE_S)
    SIGNATURES[name](SIGN[name](OLD, AT_S), BODY, [OLD], AT_S - TOLERANCE_S)
    with pytest.raises(SignatureError, match="300 seconds off"):
        SIGNATURES[name](SIGN[name](OLD, AT_S), BODY, [OLD], AT_S + off_s)


def test_stripes_own_library_signs_the_same() -> None:
    """A header made by stripe 16.1.0 (``WebhookSignature.generate_signature_header``)."""
    made = "t=1772708405,v1=5437c286cc712a5c0439a473e3d21200cfd77464bbbbb5c7edaf2b6a78feac61"
    SIGNATURES["stripe"]({"Stripe-Signature": made}, BODY, [OLD], AT_S)
    rolling = f"t=1772708405,v1={'0' * 64},{made.partition(',')[2]},v0=older"
    SIGNATURES["stripe"]({"Stripe-Signature": rolling}, BODY, [OLD], AT_S)
    doubled = f"{made},t={AT_S + 1}"
    with pytest.raises(SignatureError, match="no time"):
        SIGNATURES["stripe"]({"Stripe-Signature": doubled}, BODY, [OLD], AT_S)


def standard(at: datetime) -> dict[str, str]:
    """Signed by the library of Standard Webhooks."""
    made = Webhook(STANDARD).sign("msg_1", at, BODY.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": made,
    }


def test_standard_webhooks() -> None:
    """Its library's headers are let in now, and neither an hour ago nor in an hour; what it does
    not name as an error, such as a signature without a version, is refused all the same."""
    now_s = now_ms() / 1000
    verify, now = SIGNATURES["standard"], datetime.fromtimestamp(int(now_s), UTC)
    headers = standard(now)
    verify(headers, BODY, ["whsec_" + base64.b64encode(b"other").decode(), STANDARD], now_s)
    wrong: list[tuple[dict[str, str], bytes]] = [
        (headers, BODY + b" "),
        (headers, b"\xff\xfe"),
        (headers | {"webhook-signature": "no-version"}, BODY),
        (headers | {"webhook-signature": "v1,***"}, BODY),
        (headers | {"webhook-timestamp": "soon"}, BODY),
        (standard(datetime.fromtimestamp(now_s - 3_600, UTC)), BODY),
        (standard(datetime.fromtimestamp(now_s + 3_600, UTC)), BODY),
    ]
    for bad, body in wrong:
        with pytest.raises(SignatureError):
            verify(bad, body, [STANDARD], now_s)


@given(
    st.sampled_from(sorted(SIGNATURES)),
    st.dictionaries(
        st.sampled_from(
            [
                "Stripe-Signature",
                "X-Zendesk-Webhook-Signature",
                "X-Zendesk-Webhook-Signature-Timestamp",
                "X-Signature",
                "Authorization",
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature",
            ]
        ),
        st.text(max_size=40) | st.from_regex(r"t=[0-9]{1,20},v1=[0-9a-f]*", fullmatch=True),
    ),
    st.binary(max_size=40),
)
def test_any_headers_are_refused_by_name(name: str, headers: dict[str, Any], body: bytes) -> None:
    """Whatever a stranger sends, the answer is a refusal and never another error."""
    with pytest.raises(SignatureError):
        SIGNATURES[name](headers, body, [STANDARD], AT_S)
