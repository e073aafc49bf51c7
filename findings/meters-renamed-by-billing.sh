#!/usr/bin/env bash
# A use of `inputTokens` is told to Chargebee as `inputtokens`, and an `accountId` of Paddle's custom data as `account_id`, or not, by where it stands.
#
# Versions: chargebee 3.29.0 and paddle-python-sdk 1.16.1 (PyPI), chargebee 3.33.0 and @paddle/paddle-node-sdk 3.10.0 (npm), Python 3.11, Node 20.
# What they would send is kept and not sent.
# A good guess: names of fields are made camelCase or snake_case as the API has them, and what is the customer's own, the properties of a use, metadata
# and custom data, arrives as it was given, from one vendor's library as from the next.
# What happens:
#   1. Chargebee's for Python makes all keys small, at any depth, those of a use's properties as well. Two that differ by case are one, the
#      last. Metadata is sent as Python shows a dict, in single quotes with True and None, which is not JSON; given as a text of JSON it passes.
#   2. Paddle's for JavaScript leaves custom data of a transaction or a subscription as it is, and rewrites the keys of that of a price within it:
#      words apart, no capitals, no dashes or blanks.
#   3. Chargebee's for JavaScript and Paddle's for Python send what they were given.
# Matters because: a metered price sums up a property by its name, so that these uses are 0 of it, or of another one; which account pays
# is found by a key that is not there. Only services in one of two languages are concerned. Write own keys in small letters with
# underscores, and metadata as a text of JSON.
#
# Output seen:
#   chargebee, Python: use {"inputtokens": 5, "region": "EU"}
#   chargebee, Python: uses of a batch {"inputtokens": 7, "team": {"ownerid": 1}}
#   chargebee, Python: metadata {'accountid': 'a1', 'trial': True, 'owner': None}
#   chargebee, Python: metadata as text {"accountId": "a1"}
#   paddle, Python: of the transaction {"accountId": "a1", "Plan-Tier": 1}, of a price {"accountId": "a1", "Plan-Tier": 1}
#   chargebee, JavaScript: use {"inputTokens":5,"Region":"EU"}
#   chargebee, JavaScript: uses of a batch {"inputTokens":5,"inputtokens":7,"team":{"ownerId":1}}
#   chargebee, JavaScript: metadata {"accountId":"a1","trial":true,"owner":null}
#   paddle, JavaScript: of the transaction {"accountId":"a1","Plan-Tier":1}, of a price {"account_id":"a1","plan_tier":1}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chargebee==3.29.0 paddle-python-sdk==1.16.1
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts chargebee@3.33.0 @paddle/paddle-node-sdk@3.10.0 > log 2>&1)

cat > "$folder/own.py" <<'PYTHON'
import json
from urllib.parse import parse_qs

import httpx
import requests
from chargebee import Chargebee
from paddle_billing import Client
from paddle_billing.Entities.Shared import CurrencyCode, CustomData, Money
from paddle_billing.Resources.Transactions.Operations import CreateTransaction
from paddle_billing.Resources.Transactions.Operations.Create import TransactionCreateItemWithPrice
from paddle_billing.Resources.Transactions.Operations.Price import TransactionNonCatalogPrice

sent = []


def kept(self, request, **settings):
    sent.append(request.read().decode() if isinstance(request, httpx.Request) else request.body)
    raise ConnectionError("not sent")


httpx.HTTPTransport.handle_request = kept
requests.adapters.HTTPAdapter.send = kept


def body(call, *arguments):
    try:
        call(*arguments)
    except ConnectionError:
        return sent[-1]


chargebee = Chargebee(api_key="none", site="none")
use = {"deduplication_id": "u1", "subscription_id": "s1", "usage_timestamp": 1796083200000}
properties = {"inputTokens": 5, "Region": "EU"}
told = json.loads(body(chargebee.UsageEvent.create, {**use, "properties": properties}))["properties"]
print("chargebee, Python: use", json.dumps(told))
properties = {"inputTokens": 5, "inputtokens": 7, "team": {"ownerId": 1}}
told = json.loads(body(chargebee.UsageEvent.batch_ingest, {"events": [{**use, "properties": properties}]}))["events"][0]["properties"]
print("chargebee, Python: uses of a batch", json.dumps(told))
told = parse_qs(body(chargebee.Customer.create, {"meta_data": {"accountId": "a1", "trial": True, "owner": None}}))["meta_data"][0]
print("chargebee, Python: metadata", told)
told = parse_qs(body(chargebee.Customer.create, {"meta_data": json.dumps({"accountId": "a1"})}))["meta_data"][0]
print("chargebee, Python: metadata as text", told)

own = CustomData({"accountId": "a1", "Plan-Tier": 1})
price = TransactionNonCatalogPrice("d", Money("1999", CurrencyCode.USD), "pro_1", custom_data=own)
told = json.loads(body(Client("none").transactions.create, CreateTransaction([TransactionCreateItemWithPrice(price, 1)], custom_data=own)))
print(f"paddle, Python: of the transaction {json.dumps(told['custom_data'])}, of a price {json.dumps(told['items'][0]['price']['custom_data'])}")
PYTHON
cat > "$folder/own.mjs" <<'JAVASCRIPT'
import Chargebee from 'chargebee';
import { Paddle } from '@paddle/paddle-node-sdk';

let sent;
const answer = () => new Response('{"data":{},"meta":{}}', { status: 200, headers: { 'content-type': 'application/json' } });
globalThis.fetch = async (address, request) => { sent = request.body; return answer(); };
const body = async (call) => { await call().catch(() => null); return sent; };
const chargebee = new Chargebee({
  site: 'none', apiKey: 'none', httpClient: { makeApiRequest: async (request) => { sent = await request.text(); return answer(); } },
});
const show = (...parts) => console.log(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '));

const use = { deduplication_id: 'u1', subscription_id: 's1', usage_timestamp: 1796083200000 };
let properties = { inputTokens: 5, Region: 'EU' };
show('chargebee, JavaScript: use', JSON.parse(await body(() => chargebee.usageEvent.create({ ...use, properties }))).properties);
properties = { inputTokens: 5, inputtokens: 7, team: { ownerId: 1 } };
const batch = JSON.parse(await body(() => chargebee.usageEvent.batchIngest({ events: [{ ...use, properties }] })));
show('chargebee, JavaScript: uses of a batch', batch.events[0].properties);
const form = await body(() => chargebee.customer.create({ meta_data: { accountId: 'a1', trial: true, owner: null } }));
show('chargebee, JavaScript: metadata', new URLSearchParams(form).get('meta_data'));

const own = { accountId: 'a1', 'Plan-Tier': 1 };
const price = { productId: 'pro_1', name: 'n', description: 'd', unitPrice: { amount: '1999', currencyCode: 'USD' }, customData: own };
const paddle = new Paddle('none');
const told = JSON.parse(await body(() => paddle.transactions.create({ items: [{ quantity: 1, price }], customData: own })));
console.log(`paddle, JavaScript: of the transaction ${JSON.stringify(told.custom_data)}, of a price ${JSON.stringify(told.items[0].price.custom_data)}`);
JAVASCRIPT
{ "$folder/venv/bin/python" "$folder/own.py" && (cd "$folder" && node own.mjs); } 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
