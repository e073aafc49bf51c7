#!/usr/bin/env bash
# A moment with its zone leaves Zendesk's and Braintree's search by Python five hours early, and one without is right if it is not five seconds old.
#
# Versions: stripe 16.1.0, zenpy 2.0.57, braintree 4.48.0, mixpanel 5.4.1, customerio 3.2.0, segment-analytics-python 2.4.0, rudder-sdk-python
# 2.1.9, posthog 7.91.1, jira 3.10.5, requests 2.34.2, Python 3.11. What they would send is kept and not sent.
# A good guess: a datetime with a zone is an instant, and each library sends that instant. One without is the machine's time, or UTC, by the
# library, but always the same: `datetime.now()` is what everybody writes.
# What happens:
#   1. zenpy's search and Braintree's write the clock of any zone with a Z behind it, and mixpanel writes it without; of the incremental
#      export of the same zenpy the same datetime is right.
#   2. Without a zone Stripe takes the machine's time and most others UTC. Segment, RudderStack and PostHog take it for the machine's time if
#      that makes it younger than five seconds, and for UTC otherwise: an event is right when told at once, and hours off when told late.
# Matters because: an import of tickets or payments by days that begin at the customer's midnight is shifted by the offset, some are
# loaded twice and others never; a queue that is behind moves uses to another day. On a server whose clock is UTC no test shows it. Give
# all of them `moment.astimezone(UTC)`.
#
# Output seen (hours that what is sent is off, on a machine in Bogota; with a zone, without and just now, without and of ten seconds ago):
#   stripe events: 0, 0, 0
#   zenpy incremental: 0, -5, -5
#   zenpy search: -5, -5, -5
#   braintree search: -5, -5, -5
#   mixpanel: -5, -5, -5
#   customerio: 0, -5, -5
#   segment: 0, 0, -5
#   rudderstack: 0, 0, -5
#   posthog: 0, 0, -5
#   jira worklog: 0, -5, -5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stripe==16.1.0 zenpy==2.0.57 braintree==4.48.0 mixpanel==5.4.1 customerio==3.2.0 \
  segment-analytics-python==2.4.0 rudder-sdk-python==2.1.9 posthog==7.91.1 jira==3.10.5 requests==2.34.2 tzdata==2026.6

cat > "$folder/wire.py" <<'PY'
import contextlib
import gzip
import logging
import re
import urllib.parse
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import requests

logging.disable(logging.CRITICAL)
sent = []


def kept(self, request, **given):
    """Keeps what would go out and answers with nothing of anything."""
    body = request.body or b""
    body = body if isinstance(body, bytes) else body.encode()
    body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    sent.append(urllib.parse.unquote(f"{request.url} {body.decode()}"))
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = 200, request.url, request
    answer._content = b'{"data": [], "results": [], "tickets": [], "count": 0, "id": "1"}'
    answer.headers["Content-Type"] = "application/json"
    return answer


requests.adapters.HTTPAdapter.send = kept

import braintree
import customerio
import mixpanel
import posthog
import rudderstack.analytics
import segment.analytics
import stripe
from jira import JIRA
from zenpy import Zenpy

zendesk = Zenpy(subdomain="x", email="somebody@example.com", token="t")
gateway = braintree.BraintreeGateway(
    braintree.Configuration(braintree.Environment.Sandbox, merchant_id="m", public_key="p", private_key="k")
)
worklogs = JIRA("https://x.example.com", get_server_info=False)
hosted = {"host": "https://x.example.com", "sync_mode": True}
CALLS = {
    "stripe events": lambda when: stripe.StripeClient("sk_test_x").v1.events.list({"created": {"gte": when}}),
    "zenpy incremental": lambda when: zendesk.tickets.incremental(start_time=when),
    "zenpy search": lambda when: zendesk.search(type="ticket", created_after=when),
    "braintree search": lambda when: gateway.transaction.search(braintree.TransactionSearch.created_at >= when),
    "mixpanel": lambda when: mixpanel.Mixpanel("t").people_set("u", {"renewed": when}),
    "customerio": lambda when: customerio.CustomerIO("s", "k").track("u", "used", timestamp=when),
    "segment": lambda when: segment.analytics.Client("k", sync_mode=True).track("u", "used", timestamp=when),
    "rudderstack": lambda when: rudderstack.analytics.Client("k", **hosted).track("u", "used", timestamp=when),
    "posthog": lambda when: posthog.Posthog("k", **hosted).capture("used", distinct_id="u", timestamp=when),
    "jira worklog": lambda when: worklogs.add_worklog("X-1", timeSpentSeconds=60, started=when),
}
TIME = re.compile(r"(?:created_at|timestamp\"|started\"|renewed\"|created>|>=|start_time|gte)[^0-9]{0,40}(\d{10}\b|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)")


def hours(call, when):
    """How far off the instant is that goes out, in hours."""
    sent.clear()
    with contextlib.suppress(Exception):  # some want another answer than nothing
        call(when)
    text = TIME.search(sent[0])[1]
    told = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return round((told - when.astimezone(UTC)) / timedelta(hours=1))


for name, call in CALLS.items():
    now = datetime.now()
    zoned = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("America/Bogota"))
    print(f"{name}: " + ", ".join(str(hours(call, when)) for when in (zoned, now, now - timedelta(seconds=10))))
PY
TZ=America/Bogota "$folder/venv/bin/python" "$folder/wire.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
