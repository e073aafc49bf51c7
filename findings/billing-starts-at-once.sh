#!/usr/bin/env bash
# A subscription that is to begin or to end on a Date does so without it, at once, by Chargebee's library; what a form left open Recurly's tells as null.
#
# Versions: chargebee 3.33.0, recurly 4.81.0, stripe 23.1.0, @paddle/paddle-node-sdk 3.10.0 (npm), chargebee 3.29.0 (PyPI), Node 20, Python 3.11.
# What they would send is kept and not sent.
# A good guess: a Date of JavaScript becomes what the API wants of it, seconds or a text, as in Stripe's, Paddle's and Recurly's libraries, or is an error; what
# is undefined is left out, as JSON.stringify leaves it out; two bounds of one filter are two parameters, as in Chargebee's for Python.
# What happens:
#   1. Chargebee's leaves a Date out, without a word, as it is an object without keys; the API's default, now, is what is left. TypeScript
#      refuses it, as the type is a number of seconds, JavaScript, `any` and rows of a database do not. Its check by `enableValidation` is off.
#   2. Of a filter with two bounds the second is put within the first: `date[after]` and `date[after][before]`.
#   3. Recurly's sends undefined as null, which is how a field is emptied. `{ email: form.email, company: form.company }` is how an update is
#      written, and TypeScript takes undefined there.
# Matters because: customers are billed, or cut off, on the day of the call instead of the date they agreed to, and churn is of another month. Revenue
# "of October" is all since October, if the bound is not refused. A change of one field of a form tells the others as empty. Hand
# over whole seconds, ask by `between`, and leave keys out for Recurly.
#
# Output seen:
#   stripe: cancel_at=1796083200
#   paddle: {"next_billed_at":"2026-12-01T00:00:00.000Z"}
#   recurly: {"next_bill_date":"2026-12-01T00:00:00.000Z"}
#   chargebee: end_of_term=false, of seconds end_of_term=false&cancel_at=1796083200
#   chargebee: start item_price_id=pro&auto_collection=on
#   chargebee: use item_price_id=calls&quantity=3
#   chargebee: invoices of ?date[after]=1790812800&date[after][before]=1793491200
#   chargebee: invoices of ?date[between]=[1790812800,1793491200]
#   chargebee, Python: invoices of date[after]=1790812800&date[before]=1793491200
#   stripe: undefined name=A
#   paddle: undefined {"name":"A"}
#   recurly: undefined {"first_name":"A","email":null,"company":null}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chargebee==3.29.0
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts chargebee@3.33.0 recurly@4.81.0 stripe@23.1.0 \
    @paddle/paddle-node-sdk@3.10.0 > log 2>&1)

cat > "$folder/dates.mjs" <<'JAVASCRIPT'
import { EventEmitter } from 'node:events';
import https from 'node:https';
import { Paddle } from '@paddle/paddle-node-sdk';
import Chargebee from 'chargebee';
import recurly from 'recurly';
import Stripe from 'stripe';

let sent;
const answer = () => new Response('{"data":{},"list":[],"meta":{}}', { status: 200, headers: { 'content-type': 'application/json' } });
const body = async (call) => { await call().catch(() => null); return sent; };
globalThis.fetch = async (address, request) => { sent = request.body; return answer(); };
https.request = () => Object.assign(new EventEmitter(), {
  setTimeout() {}, write(text) { sent = text; },
  end(text) { sent = text ?? sent; setImmediate(() => this.emit('error', new Error('not sent'))); },
});
const stripe = new Stripe('none', { httpClient: Stripe.createFetchHttpClient(globalThis.fetch), maxNetworkRetries: 0 });
const paddle = new Paddle('none');
const recurring = new recurly.Client('none');
const chargebee = new Chargebee({
  site: 'none', apiKey: 'none',
  httpClient: { makeApiRequest: async (request) => { sent = decodeURIComponent(await request.text() || new URL(request.url).search); return answer(); } },
});

const date = new Date('2026-12-01T00:00:00Z');
const seconds = date.getTime() / 1000;
console.log('stripe:', await body(() => stripe.subscriptions.update('s1', { cancel_at: date })));
console.log('paddle:', await body(() => paddle.subscriptions.update('s1', { nextBilledAt: date })));
console.log('recurly:', await body(() => recurring.updateSubscription('s1', { nextBillDate: date })));
console.log('chargebee:', await body(() => chargebee.subscription.cancelForItems('s1', { end_of_term: false, cancel_at: date })) + ', of seconds',
  await body(() => chargebee.subscription.cancelForItems('s1', { end_of_term: false, cancel_at: seconds })));
console.log('chargebee: start', (await body(() => chargebee.subscription.createWithItems('c1',
  { start_date: date, subscription_items: [{ item_price_id: 'pro' }], auto_collection: 'on' }))).replace('subscription_items[item_price_id][0]', 'item_price_id'));
console.log('chargebee: use', await body(() => chargebee.usage.create('s1', { item_price_id: 'calls', quantity: '3', usage_date: date })));
const bounds = [1790812800, 1793491200];
console.log('chargebee: invoices of', await body(() => chargebee.invoice.list({ date: { after: bounds[0], before: bounds[1] } })));
console.log('chargebee: invoices of', await body(() => chargebee.invoice.list({ date: { between: bounds } })));
console.log('stripe: undefined', await body(() => stripe.customers.update('c1', { name: 'A', email: undefined })));
console.log('paddle: undefined', await body(() => paddle.customers.update('c1', { name: 'A', email: undefined })));
console.log('recurly: undefined', await body(() => recurring.updateAccount('c1', { firstName: 'A', email: undefined, company: undefined })));
JAVASCRIPT
cat > "$folder/bounds.py" <<'PYTHON'
from urllib.parse import unquote

import httpx
from chargebee import Chargebee, Filters


def kept(self, request):
    print("chargebee, Python: invoices of", unquote(request.url.query.decode()))
    raise ConnectionError("not sent")


httpx.HTTPTransport.handle_request = kept
invoices = Chargebee(api_key="none", site="none").Invoice
try:
    invoices.list(invoices.ListParams(date=Filters.TimestampFilter(after=1790812800, before=1793491200)))
except ConnectionError:
    pass
PYTHON
{ (cd "$folder" && node dates.mjs) && "$folder/venv/bin/python" "$folder/bounds.py"; } > "$folder/all" 2> "$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
{ head -8 "$folder/all"; tail -1 "$folder/all"; sed -n '9,11p' "$folder/all"; } | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
