#!/usr/bin/env bash
# In SurveyJS an answer of 1,234 is 1.234 and 1,234,567 no number, a price of a token loses its digits, a score of 10 contains 1, and 0x10 is account 16.
#
# Versions: survey-core 3.1.1 (npm), Node 20.
# A good guess: an expression counts as JavaScript does, where "1,234" is no number: a wrong answer shows as NaN or as an error. What texts are is left alone:
# ids are equal if they are written alike.
# What happens, without an error:
#   1. One comma is a decimal one, whatever the locale: "1,234" is 1.234. With two, or a point after it, an amount stays a text, and `>` compares no more.
#   2. A product or a sum is rounded to as many decimals as its parts show when written, and 1.5e-7 shows four: 1234567 tokens cost 0.1852 and not
#      0.18518505, 1000 tokens 0.0001 or 0.0002, and 1 + 1.5e-7 is 1. trunc(1.5e-7, 2) is 1.5.
#   3. `contains`, which is for lists of choices, looks into digits where there is one answer: 10 contains 1.
#   4. Ids are numbers where both can be read so: "0x10" equals "16", "1e3" equals "1000", and "0012" equals a 12.
#   5. A mean by `+` and `/` takes who did not answer as 0; by avg() an answer of "" counts and one of null does not. sum(9, "n/a") is "9n/a".
#      What is divided by 0 is null, which is neither below 1 nor at least 1.
# Matters because: follow-up questions, scores and totals are computed in the page and sent as answers; the number is wrong before anything of ours sees
# it. Ask for amounts by inputs of type number, keep prices per million, compare ids outside, and compute scores from the raw answers.
#
# Output seen (2026-12-01):
#   "1,234" + 0: 1.234
#   "1,234" above 1000: false
#   "1,234,567" above 1000: false
#   1234567 tokens at 1.5e-7: 0.1852
#   1000 tokens at 1.5e-7: 0.0001
#   1 + 1.5e-7: 1
#   trunc(1.5e-7, 2): 1.5
#   10 contains 1: true
#   "0x10" = "16": true
#   "1e3" = "1000": true
#   "0012" = 12: true
#   mean of 9, 6 and none by +: 5
#   mean of 9, 6 and none by avg: 7.5
#   mean of 9, 6 and "" by avg: 5
#   sum of 9 and "n/a": "9n/a"
#   5 / 0 below 1: false
#   5 / 0 at least 1: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts survey-core@3.1.1 > "$folder/log" 2>&1)
cat > "$folder/numbers.js" <<'JS'
const { ExpressionRunner } = require("survey-core");
const rules = [
  ['"1,234" + 0', "{a} + 0", { a: "1,234" }],
  ['"1,234" above 1000', "{a} > 1000", { a: "1,234" }],
  ['"1,234,567" above 1000', "{a} > 1000", { a: "1,234,567" }],
  ["1234567 tokens at 1.5e-7", "{n} * {price}", { n: 1234567, price: 1.5e-7 }],
  ["1000 tokens at 1.5e-7", "{n} * {price}", { n: 1000, price: 1.5e-7 }],
  ["1 + 1.5e-7", "{n} + {price}", { n: 1, price: 1.5e-7 }],
  ["trunc(1.5e-7, 2)", "trunc({price}, 2)", { price: 1.5e-7 }],
  ["10 contains 1", "{score} contains 1", { score: 10 }],
  ['"0x10" = "16"', "{a} = {b}", { a: "0x10", b: "16" }],
  ['"1e3" = "1000"', "{a} = {b}", { a: "1e3", b: "1000" }],
  ['"0012" = 12', "{a} = {b}", { a: "0012", b: 12 }],
  ["mean of 9, 6 and none by +", "({a} + {b} + {c}) / 3", { a: 9, b: 6 }],
  ["mean of 9, 6 and none by avg", "avg({a}, {b}, {c})", { a: 9, b: 6, c: null }],
  ['mean of 9, 6 and "" by avg', "avg({a}, {b}, {c})", { a: 9, b: 6, c: "" }],
  ['sum of 9 and "n/a"', "sum({a}, {b})", { a: 9, b: "n/a" }],
  ["5 / 0 below 1", "{a} / {b} < 1", { a: 5, b: 0 }],
  ["5 / 0 at least 1", "{a} / {b} >= 1", { a: 5, b: 0 }],
];
for (const [name, rule, answers] of rules) {
  console.log(`${name}: ${JSON.stringify(new ExpressionRunner(rule).runValues(answers, {}))}`);
}
JS
node "$folder/numbers.js" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "survey-core 3.1.1: as stated"
