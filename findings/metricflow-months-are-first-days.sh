#!/usr/bin/env bash
# A month of a running figure is its first day in MetricFlow, and a conversion rate is above 1 where half of the customers never converted.
#
# Versions: dbt-metricflow 0.15.0, metricflow 0.213.0, dbt-core 1.11.16, dbt-duckdb 1.11.1, duckdb 2.0.1; Python 3.11.
# A good guess: a running figure that is asked for by month is the one of the month's end, as on a board of any other kind: revenue of the
# month to date is then the month's revenue, users of the last 30 days those at its last day. A conversion rate is the share of
# customers who did the second thing within 7 days after the first.
# What happens:
#   1. It is the value of the first day that the month has, unless `period_agg` says `last`: revenue to date of a month is the
#      revenue of one day. Users of the last 30 days in February are mostly those of January.
#   2. Each order is a conversion, however many a customer makes, and all count against one sign-up. Of four customers three
#      ordered, one of them five times: 6 conversions, the rate is 1.5.
#   3. What comes 7 days after a day is not within 7 days: `window: 7 days` has the day itself and six more.
# Matters because: figures of this name in a semantic layer are not those of the boards beside it, and nothing marks them. Say `period_agg: last`,
# and count distinct customers as the second measure.
#
# Output seen:
#   revenue, month to date: 2026-02-01 10, 2026-03-01 20
#   revenue of the month: 2026-02-01 100, 2026-03-01 60
#   users of 30 days: 2026-01-01 1, 2026-02-01 1, 2026-03-01 3
#   conversion by customer: after 1 day, and four times more 5, after 6 days 1, after 7 days none, never none
#   conversion rate: 2026-01-01 1.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
# halo, which dbt-metricflow shows its progress with, is built with setuptools of its time.
"$folder/venv/bin/pip" install --quiet setuptools==69.5.1 wheel
"$folder/venv/bin/pip" install --quiet --no-build-isolation halo==0.0.31
"$folder/venv/bin/pip" install --quiet dbt-metricflow==0.15.0 metricflow==0.213.0 dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.1

mkdir -p "$folder/project/models"
cd "$folder/project"
export DBT_PROFILES_DIR="$folder/project" DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
cat > dbt_project.yml <<'YAML'
name: figures
version: 1.0.0
profile: figures
models:
  figures:
    +materialized: table
YAML
cat > profiles.yml <<'YAML'
figures:
  target: here
  outputs:
    here: {type: duckdb, path: figures.duckdb, schema: main, threads: 1}
YAML
cat > models/days.sql <<'SQL'
select unnest(range(date '2026-01-01', date '2026-04-01', interval 1 day))::date as day
SQL
# One customer is there each day, a second one in the middle of February, a third one from 20 February on.
cat > models/uses.sql <<'SQL'
select day as used_on, 'steady' as account from {{ ref('days') }}
union all select day, 'short' from {{ ref('days') }} where day between '2026-02-10' and '2026-02-20'
union all select day, 'late' from {{ ref('days') }} where day >= '2026-02-20'
SQL
cat > models/payments.sql <<'SQL'
select * from (values
    (date '2026-02-01', 10), (date '2026-02-02', 40), (date '2026-02-28', 50), (date '2026-03-01', 20), (date '2026-03-31', 40)
) as payments(paid_on, amount)
SQL
cat > models/signups.sql <<'SQL'
select date '2026-01-10' as signed_on, unnest(['after 1 day, and four times more', 'after 6 days', 'after 7 days', 'never']) as account
SQL
cat > models/orders.sql <<'SQL'
select date '2026-01-11' + unnest(range(5))::int as ordered_on, 'after 1 day, and four times more' as account
union all select date '2026-01-16', 'after 6 days'
union all select date '2026-01-17', 'after 7 days'
SQL
cat > models/figures.yml <<'YAML'
models:
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: uses
    model: ref('uses')
    primary_entity: use
    defaults: {agg_time_dimension: used_on}
    dimensions: [{name: used_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: users, agg: count_distinct, expr: account}]
  - name: payments
    model: ref('payments')
    primary_entity: payment
    defaults: {agg_time_dimension: paid_on}
    dimensions: [{name: paid_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: amount, agg: sum}]
  - name: signups
    model: ref('signups')
    defaults: {agg_time_dimension: signed_on}
    entities: [{name: account, type: primary}]
    dimensions: [{name: signed_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: signups, agg: sum, expr: "1"}]
  - name: orders
    model: ref('orders')
    primary_entity: order_row
    defaults: {agg_time_dimension: ordered_on}
    entities: [{name: account, type: foreign}]
    dimensions: [{name: ordered_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: orders, agg: sum, expr: "1"}]
metrics:
  - name: revenue
    label: Revenue
    type: simple
    type_params: {measure: amount}
  - name: revenue_to_date
    label: Revenue of the month to date
    type: cumulative
    type_params: {measure: amount, cumulative_type_params: {grain_to_date: month}}
  - name: users_30d
    label: Users of 30 days
    type: cumulative
    type_params: {measure: users, cumulative_type_params: {window: 30 days}}
  - name: conversions
    label: Conversions
    type: conversion
    type_params:
      conversion_type_params: &conversion
        {entity: account, calculation: conversions, base_measure: signups, conversion_measure: orders, window: 7 days}
  - name: conversion_rate
    label: Conversion rate
    type: conversion
    type_params:
      conversion_type_params: {<<: *conversion, calculation: conversion_rate}
YAML
"$folder/venv/bin/dbt" build > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

asked() {
    "$folder/venv/bin/mf" query --metrics "$2" --group-by "$3" --order "$3" --csv "$folder/rows.csv" > "$folder/log" 2>&1 \
        || { cat "$folder/log" >&2; exit 1; }
    python3 - "$1" "$folder/rows.csv" <<'PY'
import csv
import sys

rows = list(csv.reader(open(sys.argv[2])))[1:]
told = [f"{key.split('T')[0].split(' 00:')[0]} {format(float(value), 'g') if value else 'none'}" for key, value in rows]
print(f"{sys.argv[1]}: " + ", ".join(told))
PY
}
{
    asked "revenue, month to date" revenue_to_date metric_time__month
    asked "revenue of the month" revenue metric_time__month
    asked "users of 30 days" users_30d metric_time__month
    asked "conversion by customer" conversions account
    asked "conversion rate" conversion_rate metric_time__month
} | tee "$folder/seen"
cd - > "$folder/log"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
