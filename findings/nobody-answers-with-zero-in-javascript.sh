#!/usr/bin/env bash
# A plan whose surveys nobody answered has a mean of 0, or a lowest score of 0, users without an id are one user, and moments are one, by data frame of JavaScript.
#
# Versions: data-forge 1.10.5, dataframe-js 1.4.4, arquero 7.2.0, @tidyjs/tidy 2.6.1, vega 6.4.0, d3-array 3.2.5 (npm), Node 20.
# A good guess: null is left out, as SQL, pandas and d3 do: a mean of no scores is nothing, and a distinct count has those who are known. All six agree
# on the mean of 10 and null, which is 10.
# What happens:
#   1. data-forge's mean, median, minimum and maximum of no values are 0: a CSAT of 0, or an NPS between good and bad.
#   2. dataframe-js leaves null out of a mean, and has it as 0 in minimum and maximum: the maximum of -10 and null is 0.
#   3. Distinct counts have null as one more user in all of them.
#   4. data-forge and vega group by the text of a key: moments (Dates) of one second are one group, and so are the number 1 and the text "1".
#   5. A window of two rows in vega has three where the time of the next is the same; `ignorePeers` is off.
#   6. The largest of the texts 10 and 9 is 9 in vega and arquero, whose sum of them is 19.
# Matters because: pages and reports in the browser compute figures so, from rows of an export. Filter null out before, count rows that are left
# beside each figure, and group by numbers or by ISO text.
#
# Output seen (2026-11-30; "nothing" is null, undefined or NaN):
#   mean of 10, null: data-forge 10, dataframe-js 10, arquero 10, tidy 10, vega 10, d3 10
#   mean of null: data-forge 0, dataframe-js nothing, arquero nothing, tidy nothing, vega nothing, d3 nothing
#   median of null: data-forge 0, arquero nothing, tidy nothing, vega nothing, d3 nothing
#   least of 10, null: data-forge 10, dataframe-js 0, arquero 10, tidy 10, vega 10, d3 10
#   greatest of -10, null: data-forge -10, dataframe-js 0, arquero -10, tidy -10, vega -10, d3 -10
#   users 1, 2, null: data-forge 3, dataframe-js 3, arquero 3, tidy 3, vega 3
#   moments of 0.1 s, 0.9 s: data-forge 1, dataframe-js 2, arquero 2, tidy 2, vega 1
#   accounts 1, "1": data-forge 1, dataframe-js 2, arquero 2, tidy 2, vega 1
#   sum of the last 2 of 1, 2, 3 at 1, 2, 2: vega 1 6 5
#   greatest of "10", "9": arquero 9, vega 9
#   sum of "10", "9": arquero 19, vega 19
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund data-forge@1.10.5 dataframe-js@1.4.4 arquero@7.2.0 @tidyjs/tidy@2.6.1 vega@6.4.0 \
    d3-array@3.2.5) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
cat > "$folder/figures.mjs" <<'JS'
import * as tidy from "@tidyjs/tidy";
import * as aq from "arquero";
import * as d3 from "d3-array";
import forge from "data-forge";
import { DataFrame } from "dataframe-js";
import * as vega from "vega";

async function view(rows, transform) {
  const made = new vega.View(vega.parse({ data: [{ name: "rows", values: rows.map((row) => ({ ...row })), transform: [transform] }] }), { renderer: "none" });
  await made.runAsync();
  return made.data("rows");
}
const verbs = { mean: ["average", "mean"], median: ["median", "median"], min: ["min", "min"], max: ["max", "max"], sum: ["sum", "sum"] };
const ways = {
  "data-forge": (verb, rows) => new forge.DataFrame(rows).getSeries("v")[verbs[verb][0]](),
  "dataframe-js": (verb, rows) => new DataFrame(rows).stat[verb]("v"),
  "arquero": (verb, rows) => aq.from(rows).rollup({ out: aq.op[verb]("v") }).get("out", 0),
  "tidy": (verb, rows) => tidy.tidy(rows, tidy.summarize({ out: tidy[verb]("v") }))[0].out,
  "vega": async (verb, rows) => (await view(rows, { type: "aggregate", ops: [verb], fields: ["v"], as: ["out"] }))[0].out,
  "d3": (verb, rows) => d3[verb](rows, ({ v }) => v),
};
const distinct = {
  "data-forge": (rows) => new forge.Series(rows.map(({ v }) => v)).distinct().count(),
  "dataframe-js": (rows) => new DataFrame(rows).distinct("v").count(),
  "arquero": (rows) => aq.from(rows).rollup({ out: aq.op.distinct("v") }).get("out", 0),
  "tidy": (rows) => tidy.tidy(rows, tidy.summarize({ out: tidy.nDistinct("v") }))[0].out,
  "vega": async (rows) => (await view(rows, { type: "aggregate", ops: ["distinct"], fields: ["v"], as: ["out"] }))[0].out,
};
const groups = {
  "data-forge": (rows) => new forge.Series(rows.map(({ v }) => v)).groupBy((value) => value).count(),
  "dataframe-js": (rows) => new DataFrame(rows).groupBy("v").aggregate((group) => group.count()).count(),
  "arquero": (rows) => aq.from(rows).groupby("v").count().numRows(),
  "tidy": (rows) => tidy.tidy(rows, tidy.groupBy("v", [tidy.summarize({ n: tidy.n() })])).length,
  "vega": async (rows) => (await view(rows, { type: "aggregate", groupby: ["v"] })).length,
};

async function tell(name, asked, values, ...leftOut) {
  const told = [];
  for (const [library, ask] of Object.entries(asked)) {
    if (!leftOut.includes(library)) {
      const value = await ask(values.map((v) => ({ v })));
      told.push(`${library} ${value === null || value === undefined || Number.isNaN(value) ? "nothing" : value}`);
    }
  }
  console.log(`${name}: ${told.join(", ")}`);
}
const figure = (verb) => Object.fromEntries(Object.entries(ways).map(([library, ask]) => [library, (rows) => ask(verb, rows)]));

await tell("mean of 10, null", figure("mean"), [10, null]);
await tell("mean of null", figure("mean"), [null]);
await tell("median of null", figure("median"), [null], "dataframe-js");
await tell("least of 10, null", figure("min"), [10, null]);
await tell("greatest of -10, null", figure("max"), [-10, null]);
await tell("users 1, 2, null", distinct, [1, 2, null]);
await tell("moments of 0.1 s, 0.9 s", groups, [new Date(100), new Date(900)]);
await tell('accounts 1, "1"', groups, [1, "1"]);
const uses = [{ t: 1, v: 1 }, { t: 2, v: 2 }, { t: 2, v: 3 }];
const running = await view(uses, { type: "window", sort: { field: "t" }, ops: ["sum"], fields: ["v"], as: ["out"], frame: [-1, 0] });
console.log(`sum of the last 2 of 1, 2, 3 at 1, 2, 2: vega ${running.map(({ out }) => out).join(" ")}`);
const others = ["data-forge", "dataframe-js", "tidy", "d3"];
await tell('greatest of "10", "9"', figure("max"), ["10", "9"], ...others);
await tell('sum of "10", "9"', figure("sum"), ["10", "9"], ...others);
JS
node "$folder/figures.mjs" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
