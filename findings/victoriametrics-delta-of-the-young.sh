#!/usr/bin/env bash
# The change of a gauge within a window is, for a series that is younger than the window, its whole value: a fall is a rise.
#
# Versions: VictoriaMetrics 1.151.0 (Go module), on Linux x86-64; 2026-11-29. Prometheus 3.16 answers as `delta_prometheus` does, extrapolated.
# A good guess: `delta` is for gauges, so it takes the first value in the window where there is none before it, as in Prometheus;
# "slightly different" in the manual is about the sample before the window. It is `increase`, for counters, that begins with 0.
# What happens: `delta` begins with 0 as well, unless the first value is at least 10 times (the size of the first step + 1). So it
# does for every share of 0 to 1 and every score below 10; for an amount it depends on whether its second sample differs
# from its first. With a sample before the window all is as in Prometheus. `changes` counts the beginning of a series as one.
# Matters because: figures of customers are gauges with windows of 7 or 30 days, and all series are young after an installation,
# those of a new plan or segment whenever there is one. An alert on a fall of satisfaction then sees a rise, and a panel of new
# revenue counts all of a segment that was only renamed. Ask for `delta_prometheus(x[30d])`, or `x - x offset 30d`.
#
# Output seen:
#   satisfaction falls from 0.95 to 0.7, series of 60 days: delta -0.25, delta_prometheus -0.25
#   satisfaction falls from 0.95 to 0.7, series of 20 days: delta 0.7, delta_prometheus -0.25
#   9 seats on all of 20 days: delta 9, delta_prometheus 0
#   10 seats on all of 20 days: delta 0, delta_prometheus 0, changes 1, changes_prometheus 0
#   1000 for ten days, then 1100: delta 100, delta_prometheus 100
#   1000 for an hour, then 1100: delta 1100, delta_prometheus 100
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

CGO_ENABLED=0 GOBIN=$folder go install github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0 2> "$folder/log"
"$folder/victoria-metrics" -storageDataPath="$folder/data" -retentionPeriod=100y -httpListenAddr=127.0.0.1:19096 > "$folder/log" 2>&1 &
server=$!

cat > "$folder/ask.py" <<'PY'
import json
import time
import urllib.parse
import urllib.request

HOUR, DAY, END = 3600, 86400, 1793491200  # the end is 2026-11-01T00:00:00Z
CASES = {
    "satisfaction falls from 0.95 to 0.7, series of 60 days": (60, lambda age: 0.95 if age < 50 * DAY else 0.7),
    "satisfaction falls from 0.95 to 0.7, series of 20 days": (20, lambda age: 0.95 if age < 10 * DAY else 0.7),
    "9 seats on all of 20 days": (20, lambda _: 9),
    "10 seats on all of 20 days": (20, lambda _: 10),
    "1000 for ten days, then 1100": (20, lambda age: 1000 if age < 10 * DAY else 1100),
    "1000 for an hour, then 1100": (20, lambda age: 1000 if age < HOUR else 1100),
}


def call(path, body=None, **parameters):
    url = f"http://127.0.0.1:19096/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, body) as answer:
        return answer.read()


def value(query):
    found = json.loads(call("api/v1/query", query=query, time=END, nocache=1))["data"]["result"]
    return float(found[0]["value"][1]) if found else None


for _ in range(100):
    try:
        call("health")
        break
    except OSError:
        time.sleep(0.1)
lines = [
    f"figure{{case=\"{number}\"}} {told(age)} {1000 * (END - days * DAY + age)}\n"
    for number, (days, told) in enumerate(CASES.values())
    for age in range(0, days * DAY + 1, HOUR)
]
call("api/v1/import/prometheus", "".join(lines).encode())
call("internal/force_flush")
while value("count(figure)") != len(CASES):
    time.sleep(0.1)
for number, case in enumerate(CASES):
    window = f'figure{{case="{number}"}}[30d]'
    names = ("delta", "delta_prometheus", *(("changes", "changes_prometheus") if case.startswith("10 seats") else ()))
    seen = {name: value(f"round({name}({window}), 0.01)") for name in names}
    print(f"{case}: " + ", ".join(f"{name} {change:g}" for name, change in seen.items()))
PY

python3 "$folder/ask.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
