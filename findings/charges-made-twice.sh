#!/usr/bin/env bash
# A charge whose answer is lost is made again without a key that would show it, and the key that the caller gives for that is not sent.
#
# Versions: for Node 20 @metronome/sdk 3.10.0, dodopayments 2.52.0, orb-billing 6.11.0, stripe 23.1.0, intercom-client 7.0.3, node-zendesk 6.0.1,
# lago-javascript-client 1.53.0 (npm); for Python 3.11 metronome-sdk 4.12.0, dodopayments 1.123.0, orb-billing 4.90.0, python-intercom 5.0.1. A small
# server on this machine keeps each request, and then loses the first answer, or answers it with 500.
# A good guess: a library that repeats requests by itself sends each with one key, as Stripe's does, or repeats only what may be repeated; three
# libraries with the same options, made by the same generator, do alike. `idempotencyKey` is an option of all of them: "a unique key for this request".
# What happens:
#   1. Metronome's and Dodo's libraries make the charge, the credit, or the contract's commit again after 500, 503, 409 and a lost answer, without any
#      key, and tell the caller that all went well. Orb's, of the same generator, sends one key with both.
#   2. The `idempotencyKey` that a caller gives to Metronome's or Dodo's is taken, by types too, and is in no header.
#   3. Intercom's opens a ticket or tells an event twice after 500, but not after a lost answer, and by Python not at all. Zendesk's and Lago's do it once.
# Matters because: what failed after the work was done is the usual failure under load. The account is charged or credited twice, and the ticket and the use
# count twice in each figure, where the log shows one call that succeeded. Say `maxRetries: 0` for what makes money or tickets, or give a key in the
# body, such as Metronome's `uniqueness_key`, or in a header of your own.
#
# Output seen (2026-12-01; times that the server did it, and the keys it was shown):
#   answered with 500, stripe for JavaScript: 2 times, one key
#   answered with 500, orb for JavaScript: 2 times, one key
#   answered with 500, metronome for JavaScript: 2 times, no key
#   answered with 500, dodo for JavaScript: 2 times, no key
#   answered with 500, orb given a key for JavaScript: 2 times, the caller's key
#   answered with 500, metronome given a key for JavaScript: 2 times, no key
#   answered with 500, dodo given a key for JavaScript: 2 times, no key
#   answered with 500, intercom's ticket for JavaScript: 2 times, no key
#   answered with 500, intercom's event for JavaScript: 2 times, no key
#   answered with 500, zendesk for JavaScript: 1 time, no key
#   answered with 500, lago for JavaScript: 1 time, no key
#   answer lost, stripe for JavaScript: 2 times, one key
#   answer lost, orb for JavaScript: 2 times, one key
#   answer lost, metronome for JavaScript: 2 times, no key
#   answer lost, dodo for JavaScript: 2 times, no key
#   answer lost, orb given a key for JavaScript: 2 times, the caller's key
#   answer lost, metronome given a key for JavaScript: 2 times, no key
#   answer lost, dodo given a key for JavaScript: 2 times, no key
#   answer lost, intercom's ticket for JavaScript: 1 time, no key
#   answer lost, intercom's event for JavaScript: 1 time, no key
#   answer lost, zendesk for JavaScript: 1 time, no key
#   answer lost, lago for JavaScript: 1 time, no key
#   answered with 500, orb for Python: 2 times, one key
#   answered with 500, metronome for Python: 2 times, no key
#   answered with 500, dodo for Python: 2 times, no key
#   answered with 500, intercom's ticket for Python: 1 time, no key
#   answer lost, orb for Python: 2 times, one key
#   answer lost, metronome for Python: 2 times, no key
#   answer lost, dodo for Python: 2 times, no key
#   answer lost, intercom's ticket for Python: 1 time, no key
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(
    cd "$folder"
    npm init -y
    npm install --silent --no-audit --no-fund --ignore-scripts @metronome/sdk@3.10.0 dodopayments@2.52.0 orb-billing@6.11.0 stripe@23.1.0 \
        intercom-client@7.0.3 node-zendesk@6.0.1 lago-javascript-client@1.53.0
    python3 -m venv venv
    venv/bin/pip install --quiet metronome-sdk==4.12.0 dodopayments==1.123.0 orb-billing==4.90.0 python-intercom==5.0.1
) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

cat > "$folder/twice.js" <<'JS'
const { createServer } = require("node:http");

let fault;
const kept = [];
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    kept.push(request.headers["idempotency-key"]);
    if (kept.length === 1 && fault === "answer lost") return request.socket.destroy();
    response.writeHead(kept.length === 1 ? 500 : 200, { "content-type": "application/json" });
    response.end('{"id": "1", "data": {"id": "1"}, "ticket": {"id": 1}}');
  });
});

const mine = [{}, { idempotencyKey: "the caller's" }];
function calls(port) {
  const url = `http://127.0.0.1:${port}`;
  const stripe = new (require("stripe").default ?? require("stripe"))("key", { host: "127.0.0.1", port, protocol: "http" });
  const orb = new (require("orb-billing").default)({ apiKey: "key", baseURL: url });
  const metronome = new (require("@metronome/sdk").default)({ bearerToken: "key", baseURL: url });
  const dodo = new (require("dodopayments").default)({ bearerToken: "key", baseURL: url });
  const intercom = new (require("intercom-client").IntercomClient)({ token: "key", environment: url });
  const zendesk = require("node-zendesk").createClient({ username: "user", token: "key", endpointUri: `${url}/api/v2` });
  const lago = require("lago-javascript-client").Client("key", { baseUrl: `${url}/api/v1` });
  const commit = { customer_id: "1", type: "PREPAID", priority: 1, product_id: "1", access_schedule: { schedule_items: [] } };
  const invoice = { currency: "USD", invoice_date: "2026-12-01T00:00:00Z", line_items: [] };
  return {
    stripe: () => stripe.invoiceItems.create({ customer: "1", amount: 1999, currency: "usd" }),
    orb: () => orb.invoices.create(invoice),
    metronome: () => metronome.v1.customers.commits.create(commit),
    dodo: () => dodo.subscriptions.charge("1", { product_price: 1999 }),
    "orb given a key": () => orb.invoices.create(invoice, mine[1]),
    "metronome given a key": () => metronome.v1.customers.commits.create(commit, mine[1]),
    "dodo given a key": () => dodo.subscriptions.charge("1", { product_price: 1999 }, mine[1]),
    "intercom's ticket": () => intercom.tickets.create({ ticket_type_id: "1", contacts: [{ id: "1" }] }),
    "intercom's event": () => intercom.events.create({ event_name: "use", created_at: 1796083200, user_id: "1" }),
    zendesk: () => zendesk.tickets.create({ ticket: { subject: "slow", comment: { body: "slow" } } }),
    lago: () => lago.invoices.createInvoice({ invoice: { external_customer_id: "1", currency: "USD", fees: [] } }),
  };
}
server.listen(0, "127.0.0.1", async () => {
  for (fault of ["answered with 500", "answer lost"]) {
    for (const [name, call] of Object.entries(calls(server.address().port))) {
      kept.length = 0;
      await call().catch(() => {});
      const key = kept[0] === undefined ? "no key" : kept[0] === mine[1].idempotencyKey ? "the caller's key" : new Set(kept).size === 1 ? "one key" : "other keys";
      console.log(`${fault}, ${name} for JavaScript: ${kept.length} time${kept.length > 1 ? "s" : ""}, ${key}`);
    }
  }
  process.exit();
});
JS

cat > "$folder/twice.py" <<'PY'
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from dodopayments import DodoPayments
from intercom import Intercom
from metronome import Metronome
from orb import Orb

kept = []


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept.append(self.headers.get("Idempotency-Key"))
        if len(kept) == 1 and fault == "answer lost":
            return
        self.send_response(500 if len(kept) == 1 else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"id": "1", "data": {"id": "1"}}')

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
orb = Orb(api_key="key", base_url=url)
metronome = Metronome(bearer_token="key", base_url=url)
dodo = DodoPayments(bearer_token="key", base_url=url)
intercom = Intercom(token="key", base_url=url)
calls = {
    "orb": lambda: orb.invoices.create(currency="USD", invoice_date="2026-12-01T00:00:00Z", line_items=[]),
    "metronome": lambda: metronome.v1.customers.commits.create(
        customer_id="1", type="PREPAID", priority=1, product_id="1", access_schedule={"schedule_items": []}
    ),
    "dodo": lambda: dodo.subscriptions.charge("1", product_price=1999),
    "intercom's ticket": lambda: intercom.tickets.create_ticket(ticket_type_id="1", contacts=[{"id": "1"}]),
}
for fault in ("answered with 500", "answer lost"):
    for name, call in calls.items():
        kept.clear()
        with contextlib.suppress(Exception):
            call()
        key = "no key" if kept[0] is None else "one key" if len(set(kept)) == 1 else "other keys"
        print(f"{fault}, {name} for Python: {len(kept)} time{'s' * (len(kept) > 1)}, {key}")
PY
{
    (cd "$folder" && node twice.js 2> "$folder/log")
    "$folder/venv/bin/python" "$folder/twice.py" 2> "$folder/log"
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
