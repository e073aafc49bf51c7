#!/usr/bin/env bash
# In Grafana a mean so far counts who did not answer as 0, the 50th percentile of 1, 2, 3, 4 is 3, uses after a restart are no uses, and "false" is true.
#
# Versions: @grafana/data 13.2.3 (npm; the calculations and transformations that Grafana's panels make in the browser), Node 20.
# A good guess: a missing value is left out by each of the means, as it is by the mean of a column and of a moving window. The 50th percentile is the
# median. "Delta", which counts increments, goes on after a counter's restart. "Convert field type" to boolean knows the text "false".
# What happens:
#   1. Cumulative mean divides by the number of rows, so that it falls with each that has no value. Mean, moving mean and mean of a row leave them out.
#   2. A quotient, difference or product with a missing value takes 0 in its place: 4 less what is missing is 4, a share of what is missing is 0.
#   3. A percentile is the value next to its place, not between two: p95 of up to 11 values is their maximum. Median is between two.
#   4. Delta leaves out the uses up to the first value after a restart, and the increment after it.
#   5. A change from -10 to -5 is -50 %.
#   6. A join by field in mode OUTER keeps the last row of each key, and all rows, by their place, where both sides have the same keys; in mode INNER it
#      makes all pairs. "Grouping to matrix" keeps the last too.
#   7. As a boolean each text that is not empty is true: "false", "no", "0".
# Matters because: panels of CSAT so far, churn and net revenue are made so from what a query gives, and the same panel has a mean that is right.
# Leave rows without a value out first, cumulate sums and counts and divide those, and have the data source make percentiles and increases.
#
# Output seen (2026-11-30):
#   scores 10, none, 4, none: mean 7, moving mean of 2 10 10 4 4, cumulative mean 10 5 4.67 3.5
#   10 4 less none 3: 10 1
#   none 4 of 5 5: 0 0.8
#   1, 2, 3, 4: median 2.5, p50 3, p25 2, p95 4
#   a counter 100, 150, 20, 30: delta 50
#   from -10 to -5: -50 %
#   x 1, x 2 joined with x 10, x 20: OUTER 1+10 2+20, INNER 1+10 1+20 2+10 2+20
#   x 1, x 2 joined with x 10, x 20, y 30: OUTER 2+20 none+30, INNER 1+10 1+20 2+10 2+20
#   x 1, x 2 as a matrix: 2
#   texts true, false, no, 0 as booleans: true true true true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund @grafana/data@13.2.3) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
cat > "$folder/panels.cjs" <<'JS'
const data = require("@grafana/data");

globalThis.window = globalThis; // for a warning about deprecated names, which goes to the console of a browser
const { FieldType, reduceField, standardTransformers, standardTransformersRegistry, transformDataFrame } = data;
const known = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
standardTransformersRegistry.setInit(() => [...known.values()].map((one) => ({ id: one.id, name: one.name, transformation: async () => one })));

const field = (name, values) => ({ name, values, config: {}, type: values.some((value) => typeof value === "string") ? FieldType.string : FieldType.number });
const frame = (fields) => data.toDataFrame({ fields: Object.entries(fields).map(([name, values]) => field(name, values)) });
const reduce = (values, ...reducers) => reducers.map((id) => reduceField({ field: field("values", values), reducers: [id] })[id]);
const short = (values) => values.map((value) => (typeof value === "number" ? Number(value.toFixed(2)) : value)).join(" ");

function transform(id, options, ...fields) {
  return new Promise((resolve, reject) =>
    transformDataFrame([{ id, options }], fields.map(frame)).subscribe({ next: ([first]) => resolve(first.fields.map(({ values }) => values)), error: reject }));
}
const calculate = async (options, fields) => short((await transform("calculateField", { replaceFields: true, ...options }, fields)).at(-1));

(async () => {
  const scores = [10, null, 4, null];
  const window = { field: "s", reducer: "mean", windowAlignment: "trailing", windowSizeMode: "fixed", windowSize: 2 };
  console.log(`scores 10, none, 4, none: mean ${reduce(scores, "mean")}, moving mean of 2 ${await calculate({ mode: "windowFunctions", window }, { s: scores })}, cumulative mean ${
    await calculate({ mode: "cumulativeFunctions", cumulative: { field: "s", reducer: "mean" } }, { s: scores })}`);
  const binary = (operator) => ({ mode: "binary", binary: { left: "a", operator, right: "b" } });
  console.log(`10 4 less none 3: ${await calculate(binary("-"), { a: [10, 4], b: [null, 3] })}`);
  console.log(`none 4 of 5 5: ${await calculate(binary("/"), { a: [null, 4], b: [5, 5] })}`);
  const [median, p50, p25, p95] = reduce([1, 2, 3, 4], "median", "p50", "p25", "p95");
  console.log(`1, 2, 3, 4: median ${median}, p50 ${p50}, p25 ${p25}, p95 ${p95}`);
  console.log(`a counter 100, 150, 20, 30: delta ${reduce([100, 150, 20, 30], "delta")}`);
  console.log(`from -10 to -5: ${reduce([-10, -5], "diffperc")} %`);
  const joined = async (mode, right) => {
    const [, a, b] = await transform("joinByField", { byField: "key", mode }, { key: ["x", "x"], a: [1, 2] }, right);
    return a.map((value, row) => `${value ?? "none"}+${b[row]}`).join(" ");
  };
  for (const [name, right] of [["x 10, x 20", { key: ["x", "x"], b: [10, 20] }], ["x 10, x 20, y 30", { key: ["x", "x", "y"], b: [10, 20, 30] }]]) {
    console.log(`x 1, x 2 joined with ${name}: OUTER ${await joined("outer", right)}, INNER ${await joined("inner", right)}`);
  }
  const matrix = { columnField: "month", rowField: "key", valueField: "n" };
  console.log(`x 1, x 2 as a matrix: ${(await transform("groupingToMatrix", matrix, { key: ["x", "x"], month: ["11", "11"], n: [1, 2] })).at(-1).join(" ")}`);
  const texts = ["true", "false", "no", "0"];
  const conversions = [{ targetField: "won", destinationType: "boolean" }];
  console.log(`texts ${texts.join(", ")} as booleans: ${(await transform("convertFieldType", { conversions }, { won: texts }))[0].join(" ")}`);
})();
JS
node "$folder/panels.cjs" 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
