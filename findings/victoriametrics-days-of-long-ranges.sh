#!/usr/bin/env bash
# A range of 49 days is asked for at local midnights and answered at midnights of UTC, one day less; one of 48 days is answered as asked.
#
# Versions: VictoriaMetrics 1.151.0 (Go module), on Linux x86-64; 2026-11-29. Prometheus 3.16 answers each range as it is asked for.
# A good guess: `query_range` gives the value at `start`, `start + step` and so on until `end`, as Prometheus does and Grafana, which
# puts the beginning on a border of the step in the dashboard's zone, relies on; whether an answer came from a cache cannot be seen.
# What happens: from 50 points on, `start` goes back to a multiple of the step since 1970 and `end` likewise, unless
# `nocache=1` is there. A step of a day begins then at 0:00 UTC, whatever hour was asked for, and the day that ends at `end` is missing.
# Matters because: figures of a day or a month are read at its end. Of a figure that counts from local midnight on, such as logins
# of today, a panel of 30 days shows full days and one of 90 days shows them without their last hours, or some hours of the next
# one; sums and exports of the two do not agree. Ask with `nocache=1` (a custom parameter of Grafana's data source), or for parts of
# fewer than 50 points.
#
# Output seen (a login an hour, counted by days of New York, asked for at its midnights until the end of 30 October):
#   48 days: 49 points, from 00:00 to 10-31 00:00 in New York, logins of the last day 24
#   49 days: 50 points, from 20:00 to 10-30 20:00 in New York, logins of the last day 20
#   49 days without a cache: 50 points, from 00:00 to 10-31 00:00 in New York, logins of the last day 24
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

CGO_ENABLED=0 GOBIN=$folder go install github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0 2> "$folder/log"
"$folder/victoria-metrics" -storageDataPath="$folder/data" -retentionPeriod=100y -httpListenAddr=127.0.0.1:19097 > "$folder/log" 2>&1 &
server=$!

cat > "$folder/ask.py" <<'PY'
import datetime as dt
import json
import time
import urllib.parse
import urllib.request
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
HOUR, DAY = 3600, 86400
END = int(dt.datetime(2026, 10, 31, tzinfo=ZONE).timestamp())


def call(path, body=None, **parameters):
    url = f"http://127.0.0.1:19097/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, body) as answer:
        return answer.read()


def asked(days, **more):
    told = call("api/v1/query_range", query="logins_of_the_day", start=END - days * DAY, end=END, step=DAY, **more)
    return [(dt.datetime.fromtimestamp(at, ZONE), value) for at, value in json.loads(told)["data"]["result"][0]["values"]]


for _ in range(100):
    try:
        call("health")
        break
    except OSError:
        time.sleep(0.1)
# At each hour the logins of the local day so far; at midnight those of the day that ends: 1, 2, ... 24.
hours = range(END - 60 * DAY, END + 1, HOUR)
lines = [f"logins_of_the_day {dt.datetime.fromtimestamp(at, ZONE).hour or 24} {at * 1000}\n" for at in hours]
call("api/v1/import/prometheus", "".join(lines).encode())
call("internal/force_flush")
count = "count_over_time(logins_of_the_day[61d])"
while f'"{len(lines)}"' not in call("api/v1/query", query=count, time=END, nocache=1).decode():
    time.sleep(0.1)
for what, points in {"48 days": asked(48), "49 days": asked(49), "49 days without a cache": asked(49, nocache=1)}.items():
    (first, _), (last, logins) = points[0], points[-1]
    span = f"from {first:%H:%M} to {last:%m-%d %H:%M} in New York"
    print(f"{what}: {len(points)} points, {span}, logins of the last day {logins}")
PY

python3 "$folder/ask.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
