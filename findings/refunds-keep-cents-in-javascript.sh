#!/usr/bin/env bash
# Half of 19.99 is charged as 10.00 and given back as 9.99 or 9.98, half of a cent given back is charged, and a third of -20.00 is -6.65, by library.
#
# Versions: currency.js 2.0.4, dinero.js 2.0.2, money-math 2.6.3, ts-money 0.4.8 (npm), Node 20.
# A good guess: libraries made for money round a refund as they round its charge, so that both add up to 0; which way halves go is told, and is the
# same on both sides of 0. An amount in yen has no decimals.
# What happens:
#   1. currency.js and ts-money round halves upwards, those below 0 too: a refund is a cent short. dinero.js rounds down unless it is told
#      otherwise, below 0 away from it: a refund is a cent more, of any fraction and not of halves alone. Its `halfUp` is as currency.js, its `halfAwayFromZero` is even.
#   2. money-math adds what makes halves round up to what is below 0 too: results below 0 are up to two cents off, right ones become wrong, and a sign changes.
#   3. In currency.js the digits of a sum are those of its left side, and an `increment` is shown but not counted with.
#   4. dinero.js keeps the cents of dollars in yen.
# Matters because: shares of an invoice, discounts and downgrades are given back so, and a ledger of charges and credits does not end at 0. Take
# the amount without its sign, and put the sign back; give dinero.js `halfAwayFromZero`; do not take money-math for amounts below 0.
#
# Output seen (2026-11-30):
#   half of 19.99: currency.js 10.00, dinero.js 9.99, dinero.js away from 0 10.00, money-math 10.00, ts-money 10.00
#   half of -19.99: currency.js -9.99, dinero.js -10.00, dinero.js away from 0 -10.00, money-math -9.98, ts-money -9.99
#   a third of 20.00: currency.js 6.67, dinero.js 6.66, dinero.js away from 0 6.67, money-math 6.67, ts-money 6.67
#   a third of -20.00: currency.js -6.67, dinero.js -6.67, dinero.js away from 0 -6.67, money-math -6.65, ts-money -6.67
#   a tenth of 0.99: currency.js 0.10, dinero.js 0.09, dinero.js away from 0 0.10, money-math 0.10, ts-money 0.10
#   a tenth of -0.99: currency.js -0.10, dinero.js -0.10, dinero.js away from 0 -0.10, money-math -0.08, ts-money -0.10
#   half of -0.01: currency.js 0.00, dinero.js -0.01, dinero.js away from 0 -0.01, money-math 0.01, ts-money 0.00
#   1.239 of three digits + 1.239 of two: currency.js 2.479, the other way round 2.48
#   3 times 1.03 in steps of 0.05: currency.js shows 1.05, and 3.10
#   19.99 dollars at 150: dinero.js has 2998.50 yen
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null &&
    npm install --silent --no-audit --no-fund currency.js@2.0.4 dinero.js@2.0.2 money-math@2.6.3 ts-money@0.4.8 > "$folder/log" 2>&1)
cat > "$folder/refunds.mjs" <<'JS'
import currency from "currency.js";
import { JPY, USD, convert, dinero, halfAwayFromZero, multiply, toDecimal, transformScale } from "dinero.js";
import math from "money-math";
import { Money } from "ts-money";

const plain = (text) => (Number(text) === 0 ? "0.00" : text);

function told(name, cents, parts) {
  const amount = (cents / 100).toFixed(2);
  const shared = multiply(dinero({ amount: cents, currency: USD }), { amount: Math.round(10 ** 6 / parts), scale: 6 });
  const libraries = {
    "currency.js": currency(amount).divide(parts).toString(),
    "dinero.js": toDecimal(transformScale(shared, 2)),
    "dinero.js away from 0": toDecimal(transformScale(shared, 2, halfAwayFromZero)),
    "money-math": math.div(amount, `${parts}.00`),
    "ts-money": new Money(cents, "USD").divide(parts).toString(),
  };
  console.log(`${name} of ${amount}: ${Object.entries(libraries).map(([library, text]) => `${library} ${plain(text)}`).join(", ")}`);
}

for (const [name, cents, parts] of [["half", 1999, 2], ["a third", 2000, 3], ["a tenth", 99, 10]]) {
  told(name, cents, parts);
  told(name, -cents, parts);
}
told("half", -1, 2);
const fine = currency(1.239, { precision: 3 });
console.log(`1.239 of three digits + 1.239 of two: currency.js ${fine.add(currency(1.239))}, the other way round ${currency(1.239).add(fine)}`);
const step = currency(1.03, { increment: 0.05 });
console.log(`3 times 1.03 in steps of 0.05: currency.js shows ${step}, and ${step.multiply(3)}`);
console.log(`19.99 dollars at 150: dinero.js has ${toDecimal(convert(dinero({ amount: 1999, currency: USD }), JPY, { JPY: 150 }))} yen`);
JS
node "$folder/refunds.mjs" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
