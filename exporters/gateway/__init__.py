"""The gateway: events and webhooks in, over HTTP, answered when a log has them.

The other direction of what ``exporters.http`` serves, with the same bounds. It knows logs by a
protocol only: Kafka's or a data folder's is given to it.
"""

from exporters.gateway.application import EVENTS_PATH, WEBHOOKS_PATH, Gateway
from exporters.gateway.signatures import SIGNATURES, SignatureError, Verify
from exporters.gateway.webhook import Webhook

__all__ = [
    "EVENTS_PATH",
    "SIGNATURES",
    "WEBHOOKS_PATH",
    "Gateway",
    "SignatureError",
    "Verify",
    "Webhook",
]
