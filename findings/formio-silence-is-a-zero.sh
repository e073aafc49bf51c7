#!/usr/bin/env bash
# Form.io's server stores 0 for a score that nobody chose, lets it pass where the question is required, and never finds a score equal to "0".
#
# Versions: @formio/core 2.8.3 (npm), Node 20, a machine in New York. The steps are those that a server runs over what a page submits.
# A good guess: the type of a question says what is stored of an answer; of no answer nothing is stored, and where it is required the server says so, as
# it does for a number field. A rule that works for "1" works for "0".
# What happens, without an error:
#   1. A page sends the empty text for a radio that nobody touched. Of data type "number" it is stored as 0, of "boolean" as false; where the field is not
#      sent at all, the score is NaN (null in JSON) or false, and of "string" the texts "undefined" and "null". All that comes before the check whether an answer
#      is required, and is an answer then. Of data type "auto", and in a number field, the same is refused.
#   2. Of "boolean" each answer but "false" is true: "no", "0".
#   3. A rule "is equal to" has a text, as the editor of forms writes it; it is read as a number, but not beside a 0: "0" is not equal to 0, 1 is to "1". What
#      was written below a hidden question is left out, so that the reason of the worst score is lost.
#   4. A moment is equal to a day only at that day's midnight of the server, and is after its own day otherwise. A day that is typed day first is
#      compared month first.
# Matters because: NPS questions are radios of numbers: each person who skips one is a detractor, and NPS falls with each skipped page; no count of answers
# shows it. Let data types of radios be "auto", or drop a 0 that came with no touch; write rules for 0 with "is less than" 1.
#
# Output seen (2026-12-01):
#   number, chosen 7: {"score":7}
#   number, not touched: {"score":0}
#   number, not touched, required: {"score":0}
#   number, not sent, required: {"score":null}
#   boolean, not touched, required: {"score":false}
#   boolean, "no": {"score":true}
#   string, not sent: {"score":"undefined"}
#   string, null: {"score":"null"}
#   auto, not touched, required: {"score":""} refused: required
#   a number field, not touched, required: {} refused: required
#   a reason where the score is equal to "1", 1: {"score":1,"why":"slow"}
#   a reason where the score is equal to "0", 0: {"score":0}
#   a reason where the score is less than "1", 0: {"score":0,"why":"slow"}
#   a reason where the score is less than "7", not touched: {"score":0,"why":"slow"}
#   a reason where due is equal to 2026-12-01, 15:30 of that day: {"due":"2026-12-01T15:30:00-05:00"}
#   a reason where due is after 2026-12-01, 15:30 of that day: {"due":"2026-12-01T15:30:00-05:00","why":"slow"}
#   a reason where ends is before 2026-01-15, 2 January day first: {"ends":"02/01/2026"}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts @formio/core@2.8.3 > "$folder/log" 2>&1)
cat > "$folder/submitted.js" <<'JS'
const { processSync, ProcessTargets } = require("@formio/core");

function stored(components, data) {
  const context = { form: { components }, components, submission: { data }, data, scope: {}, instances: {}, config: { server: true } };
  for (const processors of [ProcessTargets.submission, ProcessTargets.evaluator]) processSync(Object.assign(context, { processors }));
  const errors = (context.scope.errors ?? []).map((error) => error.ruleName);
  return JSON.stringify(context.data) + (errors.length ? ` refused: ${errors}` : "");
}
const scores = [...Array(11).keys()].map((score) => ({ label: `${score}`, value: `${score}` }));
const radio = (dataType, required = false) => ({ type: "radio", key: "score", input: true, values: scores, dataType, validate: { required } });

console.log("number, chosen 7:", stored([radio("number")], { score: "7" }));
console.log("number, not touched:", stored([radio("number")], { score: "" }));
console.log("number, not touched, required:", stored([radio("number", true)], { score: "" }));
console.log("number, not sent, required:", stored([radio("number", true)], {}));
console.log("boolean, not touched, required:", stored([radio("boolean", true)], { score: "" }));
console.log('boolean, "no":', stored([radio("boolean")], { score: "no" }));
console.log("string, not sent:", stored([radio("string")], {}));
console.log("string, null:", stored([radio("string")], { score: null }));
console.log("auto, not touched, required:", stored([radio("auto", true)], { score: "" }));
const number = { type: "number", key: "score", input: true, validate: { required: true } };
console.log("a number field, not touched, required:", stored([number], { score: "" }));

const why = (component, operator, value) => ({
  type: "textarea", key: "why", input: true, clearOnHide: true,
  conditional: { show: true, conjunction: "all", conditions: [{ component, operator, value }] },
});
const rule = (operator, value, score) => stored([radio("number"), why("score", operator, value)], { score, why: "slow" });
console.log('a reason where the score is equal to "1", 1:', rule("isEqual", "1", "1"));
console.log('a reason where the score is equal to "0", 0:', rule("isEqual", "0", "0"));
console.log('a reason where the score is less than "1", 0:', rule("lessThan", "1", "0"));
console.log('a reason where the score is less than "7", not touched:', rule("lessThan", "7", ""));
const due = (operator) =>
  stored([{ type: "datetime", key: "due", input: true }, why("due", operator, "2026-12-01")], { due: "2026-12-01T15:30:00-05:00", why: "slow" });
console.log("a reason where due is equal to 2026-12-01, 15:30 of that day:", due("isDateEqual"));
console.log("a reason where due is after 2026-12-01, 15:30 of that day:", due("dateGreaterThan"));
const ends = { type: "day", key: "ends", input: true, dayFirst: true };
console.log("a reason where ends is before 2026-01-15, 2 January day first:",
  stored([ends, why("ends", "dateLessThan", "2026-01-15")], { ends: "02/01/2026", why: "slow" }));
JS
TZ=America/New_York node "$folder/submitted.js" 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "@formio/core 2.8.3: as stated"
