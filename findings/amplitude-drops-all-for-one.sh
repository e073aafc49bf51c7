#!/usr/bin/env bash
# Amplitude's library for Python sends an event without any of its properties for one Decimal or date among them; a refund in JavaScript is a charge.
#
# Versions: amplitude-analytics 1.3.0 (PyPI, Python 3.11), @amplitude/analytics-node 1.5.73 (npm, Node 20). The events are kept in place of being sent.
# A good guess: what cannot be written as JSON raises an error, is made a text, or is left out alone and told in the log. A price of 20 is one of 20.0, and
# one company's two libraries tell the same calls alike.
# What happens:
#   1. Python: one property that is a Decimal, a date, a tuple or a list with None in it, and the event is sent without any property, score
#      included. No error is raised, and nothing is logged. A revenue event with such a property is sent without its price.
#   2. Python: a price of 20 is refused, as is one of Decimal("20.00"): no event, one line in the log, which says that the price is invalid. A time
#      with a fraction, as of `time.time() * 1000`, is left out, so that the event is of now. JavaScript takes 20.
#   3. JavaScript: a quantity of -1 or 0 is 1 without a word, so that a refund is a charge of 20. Python sends no event.
#   4. Both: of two values that are set for one property the first one stays. JavaScript sends an identify with nothing in it where what is to be
#      set has a null within, or what is to be added is a text or a BigInt; Python does so for a Decimal where there are others.
# Matters because: scores vanish for one amount beside them, and backfilled uses are all of today. Refunds add to revenue. Convert values and check them
# before they are handed over: amounts and dates as texts or numbers, prices by float(), times by int(); tell refunds by a negative price.
#
# Output seen (2026-12-01; what was sent, lines logged by the library in brackets):
#   Python, a plain answer: {"score": 9} [0]
#   Python, with a Decimal: nothing [0]
#   Python, with a date: nothing [0]
#   Python, with a tuple: nothing [0]
#   Python, with None in a list: nothing [0]
#   Python, revenue of a plan as a tuple: nothing [0]
#   Python, revenue of 20.0: {"$price": 20.0, "$quantity": 2} [0]
#   Python, revenue of 20: no event [1]
#   Python, revenue of Decimal: no event [1]
#   Python, revenue of 0.0: {"$price": 0.0, "$quantity": 2} [0]
#   Python, refund by quantity: no event [1]
#   Python, a time with a fraction: of now [1]
#   Python, plan set twice: {"$set": {"plan": "basic"}} [1]
#   Python, plan and a Decimal set: {"$set": {"plan": "basic"}} [0]
#   JavaScript, revenue of 20: {"$price":20,"$quantity":2}
#   JavaScript, revenue of 0: {"$price":0,"$quantity":1}
#   JavaScript, refund by quantity: {"$price":20,"$quantity":1}
#   JavaScript, none by quantity: {"$price":20,"$quantity":1}
#   JavaScript, refund by price: {"$price":-20,"$quantity":1}
#   JavaScript, plan set twice: {"$set":{"plan":"basic"}}
#   JavaScript, an address with a null set: {}
#   JavaScript, "1.50" added: {}
#   JavaScript, 5n added: {}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet amplitude-analytics==1.3.0
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts @amplitude/analytics-node@1.5.73 > "$folder/log" 2>&1)
cat > "$folder/tell.py" <<'PY'
import datetime
import json
import logging
import os
import sys
from collections.abc import Callable
from decimal import Decimal

import amplitude
from amplitude.constants import PluginType

kept: list[dict] = []
logged: list[logging.LogRecord] = []


class Keep(amplitude.EventPlugin):
    def __init__(self) -> None:
        super().__init__(PluginType.ENRICHMENT)

    def execute(self, event: amplitude.BaseEvent) -> None:
        kept.append(event.get_event_body())


class Logged(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.append(record)


client = amplitude.Amplitude("key")
client.add(Keep())
client.configuration.logger.addHandler(Logged())
client.configuration.logger.propagate = False
PERSON = amplitude.EventOptions(user_id="person-1")


def told(name: str, act: Callable[[], None], part: str = "event_properties") -> None:
    kept.clear()
    logged.clear()
    act()
    sent = json.dumps(kept[0][part], sort_keys=True) if kept and part in kept[0] else "nothing" if kept else "no event"
    print(f"Python, {name}: {sent} [{len(logged)}]")


def answered(**properties: object) -> Callable[[], None]:
    return lambda: client.track(amplitude.BaseEvent("answered", user_id="person-1", event_properties={"score": 9, **properties}))


def paid(price: object, quantity: int = 2, **properties: object) -> Callable[[], None]:
    return lambda: client.revenue(amplitude.Revenue(price=price, quantity=quantity, properties=properties), PERSON)


def identified(*values: tuple[str, object]) -> Callable[[], None]:
    identify = amplitude.Identify()
    return lambda: ([identify.set(*value) for value in values], client.identify(identify, PERSON))


told("a plain answer", answered())
told("with a Decimal", answered(amount=Decimal("19.99")))
told("with a date", answered(renewal=datetime.date(2026, 12, 1)))
told("with a tuple", answered(reasons=("price", "speed")))
told("with None in a list", answered(reasons=["price", None]))
told("revenue of a plan as a tuple", paid(20.0, plans=("basic", "pro")))
told("revenue of 20.0", paid(20.0))
told("revenue of 20", paid(20))
told("revenue of Decimal", paid(Decimal("20.00")))
told("revenue of 0.0", paid(0.0))
told("refund by quantity", paid(20.0, -1))
kept.clear()
logged.clear()
client.track(amplitude.BaseEvent("used", user_id="person-1", time=1764547200000.5))
print(f"Python, a time with a fraction: {'of then' if kept[0]['time'] < 1764547201000 else 'of now'} [{len(logged)}]")
told("plan set twice", identified(("plan", "basic"), ("plan", "pro")), "user_properties")
told("plan and a Decimal set", identified(("plan", "basic"), ("mrr", Decimal("19.99"))), "user_properties")
sys.stdout.flush()
os._exit(0)
PY
cat > "$folder/tell.js" <<'JS'
const { Identify, Revenue, createInstance } = require("@amplitude/analytics-node");
const person = { user_id: "person-1" };
let kept;

function revenue(price, quantity) {
  const told = new Revenue().setPrice(price);
  return quantity === undefined ? told : told.setQuantity(quantity);
}

(async () => {
  const client = createInstance();
  await client.init("key", { logLevel: 0 }).promise;
  await client.remove("amplitude").promise;
  const execute = async (event) => ((kept = event), { event, code: 200, message: "" });
  await client.add({ name: "keep", type: "destination", setup: async () => {}, execute, flush: async () => {} }).promise;
  for (const [name, act, part] of [
    ["revenue of 20", () => client.revenue(revenue(20, 2), person)],
    ["revenue of 0", () => client.revenue(revenue(0), person)],
    ["refund by quantity", () => client.revenue(revenue(20, -1), person)],
    ["none by quantity", () => client.revenue(revenue(20, 0), person)],
    ["refund by price", () => client.revenue(revenue(-20, 1), person)],
    ["plan set twice", () => client.identify(new Identify().set("plan", "basic").set("plan", "pro"), person)],
    ["an address with a null set", () => client.identify(new Identify().set("address", { city: "Metropolis", street: null }), person)],
    ['"1.50" added', () => client.identify(new Identify().add("mrr", "1.50"), person)],
    ["5n added", () => client.identify(new Identify().add("uses", 5n), person)],
  ]) {
    kept = undefined;
    await act().promise;
    const { $price, $quantity, ...others } = kept.event_properties ?? kept.user_properties;
    console.log(`JavaScript, ${name}: ${JSON.stringify(kept.event_properties ? { $price, $quantity } : others)}`);
  }
  process.exit();
})();
JS
{ "$folder/venv/bin/python" "$folder/tell.py"; node "$folder/tell.js"; } | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
