#!/usr/bin/env bash
# In Malloy an account without a use has one use, until something of another join is asked for beside it; a running sum runs backwards.
#
# Versions: @malloydata/malloy 0.0.431 with @malloydata/db-duckdb 0.0.431, @duckdb/node-api 1.5.5-r.4, antlr4ts 0.5.0-alpha.4 (npm), Node 20.
# A good guess: `uses.count()`, by the path of a join, counts the rows that are there, none for an account without any, whatever joins there
# are: that a measure means the same in every query is what the language is for, and its sums hold over joins that multiply rows.
# What happens: where the join is the only one that a query needs, the count is COUNT(1) over a LEFT JOIN, so each account without a use has
# one. Where a measure of another join stands beside it, the count is of distinct keys, and right. So the figure depends on what else is
# asked for. Sums and `count(uses.user)` are right in both. `sum_cumulative` follows the order that a query has if none is told, in which
# times go down: the oldest month has the total.
# Matters because: uses or tickets by account, and their mean, are the first measures of a customer model. All are too high by the
# silent customers, who are not seen as silent, and a tile of a board shows another figure than the table that has one more column.
# Count the key, `count(uses.id)`, and say `order_by`.
#
# Output seen (a made two uses, b one, c and d none; a has two tickets, c one):
#   uses: 5
#   uses beside tickets: 3, tickets 3
#   uses by account: a 2, b 1, c 1, d 1
#   uses by account, beside tickets: a 2, b 1, c 0, d 0
#   keys of uses by account: a 2, b 1, c 0, d 0
#   uses for each account: 1.25; by keys 0.75
#   running sum by month: 2026-03 1, 2026-02 2, 2026-01 3
#   running sum by month, with its order: 2026-01 1, 2026-02 2, 2026-03 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts @malloydata/malloy@0.0.431 @malloydata/db-duckdb@0.0.431 \
  @duckdb/node-api@1.5.5-r.4 antlr4ts@0.5.0-alpha.4 > "$folder/log" 2>&1)

cat > "$folder/figures.js" <<'JS'
const { DuckDBConnection } = require("@malloydata/db-duckdb");
const { SingleConnectionRuntime } = require("@malloydata/malloy");

const MODEL = `
source: uses is duckdb.table('uses') extend { primary_key: id }
source: tickets is duckdb.table('tickets') extend { primary_key: id }
source: accounts is duckdb.table('accounts') extend {
  primary_key: id
  join_many: uses on uses.account = id
  join_many: tickets on tickets.account = id
  measure:
    uses_made is uses.count()
    keys is count(uses.id)
    tickets_made is tickets.count()
    uses_each is uses.count() / count()
    keys_each is count(uses.id) / count()
}
`;

async function main() {
  const connection = new DuckDBConnection("duckdb", ":memory:");
  const runtime = new SingleConnectionRuntime({ connection });
  await connection.runSQL("CREATE TABLE accounts AS SELECT unnest(['a', 'b', 'c', 'd']) AS id");
  await connection.runSQL(`CREATE TABLE uses AS SELECT * FROM (VALUES (1, 'a', DATE '2026-01-05'), (2, 'a', DATE '2026-02-05'),
    (3, 'b', DATE '2026-03-05')) AS rows(id, account, made)`);
  await connection.runSQL("CREATE TABLE tickets AS SELECT * FROM (VALUES (1, 'a'), (2, 'a'), (3, 'c')) AS rows(id, account)");
  const rows = async (query) => (await runtime.loadQuery(`${MODEL} run: ${query}`).run()).data.value;
  const told = (named, key, value) => named.map((row) => `${row[key]} ${row[value]}`).join(", ");
  const months = (named) => named.map((row) => `${row.made.toISOString().slice(0, 7)} ${row.so_far}`).join(", ");

  console.log(`uses: ${(await rows("accounts -> { aggregate: uses_made }"))[0].uses_made}`);
  const [beside] = await rows("accounts -> { aggregate: uses_made, tickets_made }");
  console.log(`uses beside tickets: ${beside.uses_made}, tickets ${beside.tickets_made}`);
  const by = "accounts -> { group_by: id order_by: id aggregate:";
  console.log(`uses by account: ${told(await rows(`${by} uses_made }`), "id", "uses_made")}`);
  console.log(`uses by account, beside tickets: ${told(await rows(`${by} uses_made, tickets_made }`), "id", "uses_made")}`);
  console.log(`keys of uses by account: ${told(await rows(`${by} keys }`), "id", "keys")}`);
  const [each] = await rows("accounts -> { aggregate: uses_each, keys_each }");
  console.log(`uses for each account: ${each.uses_each}; by keys ${each.keys_each}`);
  const running = "uses -> { group_by: made.month aggregate: n is count() calculate: so_far is sum_cumulative(n)";
  console.log(`running sum by month: ${months(await rows(`${running} }`))}`);
  console.log(`running sum by month, with its order: ${months(await rows(`${running} order_by: made }`))}`);
  process.exit(0);
}
main();
JS

# It looks for an extension of DuckDB that is not needed here, and says so where there is no way to it.
(cd "$folder" && node figures.js 2> "$folder/errors") | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
