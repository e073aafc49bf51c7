#!/usr/bin/env bash
# A cancelled subscription is never Status.CANCELLED in Chargebee's library for Python, and Paddle's has a constant of any name, misspelt ones too.
#
# Versions: chargebee 3.29.0, paddle-python-sdk 1.16.1 (PyPI), Python 3.11. Nothing is sent: each reads the body of a webhook.
# A good guess: `EventType` and `Subscription.Status` are of the same library that reads the event, so they are what it has, or equal to it, as with
# an enumeration of texts; they print alike. A name that an enumeration does not have is an AttributeError.
# What happens:
#   1. Chargebee's are plain enumerations, made for requests, and what is read is text: no comparison, `in`, `match` or look-up by them is ever
#      true, in events and in answers alike. Printed, logged and sent they are the same words.
#   2. Paddle's classes make a constant of whatever name they are asked for, as a status that is not known. `Cancelled` (Paddle and Stripe write
#      canceled, Chargebee cancelled) equals nothing. And none of them can be a key of a dict or in a set.
# Matters because: a handler that counts who left by these names counts nobody; one that says `!= CANCELLED` keeps all as customers, MRR with them.
# Nothing fails, and the log shows the word that was asked for. Compare with the texts, or with `.value`; of Paddle's ask `is_known()`.
#
# Output seen (the event is a cancellation):
#   chargebee: event type subscription_cancelled, constant subscription_cancelled, equal False, its value equal True
#   chargebee: status cancelled, constant cancelled, equal False, within (CANCELLED, PAUSED) False, match active
#   chargebee: answer of a list: status cancelled, constant cancelled, equal False
#   chargebee: of 3 subscriptions, 2 of them cancelled, 3 are not CANCELLED
#   paddle: event type subscription.canceled, equal to SubscriptionCanceled True, to SubscriptionCancelled False, which prints as subscriptioncancelled
#   paddle: status canceled, equal to Canceled True, to Cancelled False, to Cancled False
#   paddle: known Canceled True, Cancelled False
#   paddle: as a key of a dict: TypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chargebee==3.29.0 paddle-python-sdk==1.16.1

cat > "$folder/status.py" <<'PYTHON'
import json

import httpx
from chargebee import Chargebee
from chargebee.models.enums import EventType
from paddle_billing.Entities.Events import EventTypeName
from paddle_billing.Entities.Subscriptions import SubscriptionStatus


def subscription(number, status):
    return {"object": "subscription", "id": f"sub_{number}", "currency_code": "USD", "status": status, "subscription_items": []}


body = {
    "id": "ev_1", "object": "event", "api_version": "v2", "occurred_at": 1796083200, "source": "admin_console", "webhook_status": "not_configured",
    "event_type": "subscription_cancelled", "content": {"subscription": subscription(1, "cancelled")},
}
listed = {"list": [{"subscription": subscription(n, status), "customer": {"object": "customer", "id": f"c_{n}"}}
                   for n, status in enumerate(("cancelled", "cancelled", "active"), 1)]}
httpx.HTTPTransport.handle_request = lambda self, request: httpx.Response(200, json=listed, request=request)

chargebee = Chargebee(api_key="none", site="none")
Status = chargebee.Subscription.Status
event = chargebee.Event.deserialize(json.dumps(body))
wanted = EventType.SUBSCRIPTION_CANCELLED
print(f"chargebee: event type {event.event_type}, constant {wanted}, equal {event.event_type == wanted}, "
      f"its value equal {event.event_type == wanted.value}")
status = event.content["subscription"]["status"]
match status:
    case Status.CANCELLED:
        state = "cancelled"
    case _:
        state = "active"
print(f"chargebee: status {status}, constant {Status.CANCELLED}, equal {status == Status.CANCELLED}, "
      f"within (CANCELLED, PAUSED) {status in (Status.CANCELLED, Status.PAUSED)}, match {state}")
rows = [row.subscription for row in chargebee.Subscription.list({}).list]
print(f"chargebee: answer of a list: status {rows[0].status}, constant {Status.CANCELLED}, equal {rows[0].status == Status.CANCELLED}")
print(f"chargebee: of {len(rows)} subscriptions, {sum(row.status == 'cancelled' for row in rows)} of them cancelled, "
      f"{sum(row.status != Status.CANCELLED for row in rows)} are not CANCELLED")

told = EventTypeName("subscription.canceled")
print(f"paddle: event type {told}, equal to SubscriptionCanceled {told == EventTypeName.SubscriptionCanceled}, "
      f"to SubscriptionCancelled {told == EventTypeName.SubscriptionCancelled}, which prints as {EventTypeName.SubscriptionCancelled}")
told = SubscriptionStatus("canceled")
print(f"paddle: status {told}, equal to Canceled {told == SubscriptionStatus.Canceled}, to Cancelled {told == SubscriptionStatus.Cancelled}, "
      f"to Cancled {told == SubscriptionStatus.Cancled}")
print(f"paddle: known Canceled {SubscriptionStatus.Canceled.is_known()}, Cancelled {SubscriptionStatus.Cancelled.is_known()}")
try:
    print(f"paddle: as a key of a dict: {len({told: 1})}")
except TypeError as error:
    print(f"paddle: as a key of a dict: {type(error).__name__}")
PYTHON
"$folder/venv/bin/python" "$folder/status.py" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
