#!/usr/bin/env bash
# In SurveyJS a rule that compares a time with a day sets that time to midnight in the answers, and 61 minutes too late are 2 hours.
#
# Versions: survey-core 3.1.1 (npm), Node 20.
# A good guess: a condition of visibility or a validator reads. `{due} > '2026-12-01'` may be a question of zones, but what is stored stays as it was.
# The units of one function, dateDiff, count alike.
# What happens, without an error:
#   1. Where one side is a Date and the other a text, the Date is cut to what the text tells: to its minute, its hour or its day, in place. A due time
#      that the survey computes is stored as midnight; a Date that the page has given is another one in the page too. What compares comes
#      before what is sent, and the moment is not after its own day.
#   2. dateDiff in days, hours, minutes and seconds has no sign and goes up: a reply 61 minutes before the question took 2 hours, one second is a
#      minute. In months and years it has a sign and goes down: 5 December is -3 months from 1 October. In weeks it tells years.
#   3. dateAdd has no weeks either, and gives the same day; a month after 31 January is 3 March. A time with a space, not a T, is no number.
# Matters because: surveys after a ticket ask "why so late?" by such a rule, and the due time of each is 00:00 then: all are late. Whoever replied before
# the due time has the same hours as who replied after it. Give times to a survey as texts, compare texts with texts, subtract elsewhere.
#
# Output seen (2026-12-01, all in UTC):
#   due, without a rule: 23:30:20
#   due, with a rule of a day: 00:00:00
#   due, with a rule of a day and a time: 23:30:00
#   due, with a validator of a day: 00:00:00
#   last use in the page: 15:30:20, then 00:00:00, after its day false
#   days from 5 December to 1 December: 4
#   hours from 10:00 to 8:59: 2
#   minutes from 10:00:00 to 10:00:01: 1
#   months from 5 December to 1 October: -3
#   weeks from 1 December to 22 December: 0
#   two weeks after 31 January: 31 January
#   a month after 31 January: 3 March
#   days from 2026-12-01 09:30 to 2026-12-03 09:30: NaN
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts survey-core@3.1.1 > "$folder/log" 2>&1)
cat > "$folder/rules.js" <<'JS'
const { Model } = require("survey-core");
const clock = (moment) => moment.toTimeString().slice(0, 8);

// A survey about a ticket: when it was opened is an answer, when it was due is computed, and one more question may depend on that.
function due(question) {
  const elements = [
    { type: "text", name: "opened" },
    { type: "expression", name: "due", expression: "dateAdd({opened}, 8, 'hours')" },
    { type: "comment", name: "why", ...question },
  ];
  const survey = new Model({ elements });
  survey.setValue("opened", "2026-12-01T15:30:20");
  survey.setValue("why", "no reply");
  survey.validate();
  return clock(survey.data.due);
}
console.log("due, without a rule:", due({}));
console.log("due, with a rule of a day:", due({ visibleIf: "{due} > '2026-12-01'" }));
console.log("due, with a rule of a day and a time:", due({ visibleIf: "{due} > '2026-12-01T15:00'" }));
console.log("due, with a validator of a day:", due({ validators: [{ type: "expression", expression: "{due} < '2026-12-24'" }] }));

const used = new Date(2026, 11, 1, 15, 30, 20);
const before = clock(used);
const survey = new Model({ elements: [{ type: "text", name: "score", visibleIf: "{used} > '2026-12-01'" }] });
survey.setVariable("used", used);
console.log(`last use in the page: ${before}, then ${clock(used)}, after its day ${survey.getQuestionByName("score").isVisible}`);

function computed(expression, answers = {}) {
  const model = new Model({ calculatedValues: [{ name: "result", expression }] });
  model.data = answers;
  const result = model.getVariable("result");
  return result instanceof Date ? `${result.getDate()} ${result.toLocaleString("en", { month: "long" })}` : result;
}
const between = (unit, from, to) => computed(`dateDiff({from}, {to}, '${unit}')`, { from, to });
console.log("days from 5 December to 1 December:", between("days", "2026-12-05", "2026-12-01"));
console.log("hours from 10:00 to 8:59:", between("hours", "2026-12-01T10:00", "2026-12-01T08:59"));
console.log("minutes from 10:00:00 to 10:00:01:", between("minutes", "2026-12-01T10:00:00", "2026-12-01T10:00:01"));
console.log("months from 5 December to 1 October:", between("months", "2026-12-05", "2026-10-01"));
console.log("weeks from 1 December to 22 December:", between("weeks", "2026-12-01", "2026-12-22"));
console.log("two weeks after 31 January:", computed("dateAdd({from}, 2, 'weeks')", { from: "2026-01-31" }));
console.log("a month after 31 January:", computed("dateAdd({from}, 1, 'months')", { from: "2026-01-31" }));
console.log("days from 2026-12-01 09:30 to 2026-12-03 09:30:", between("days", "2026-12-01 09:30", "2026-12-03 09:30"));
JS
TZ=UTC node "$folder/rules.js" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "survey-core 3.1.1: as stated"
