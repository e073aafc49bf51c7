#!/usr/bin/env bash
# One late point in a request, and Prometheus keeps nothing of the request: by OTLP and by remote write 1.0, and not by 2.0.
#
# Versions: Prometheus 3.16.0 (Go module v0.316.0, built without discovery), on Linux x86-64; 2026-11-30.
# A good guess: points are taken one by one, as they are in a scrape: one that is out of order, a second one of its moment, or of a kind that is
# not taken, is refused and named, and the rest is there. OTLP has an answer for just that, the partial success.
# What happens: the whole request is rolled back, wherever in it that point is. The answer is 400, which senders do not send again, and for a
# counter told as change (delta) 500. Remote write 2.0 keeps the rest, with a 400 as well. Two names that become one (`plan.seats`,
# `plan_seats`) are not told at all: 200, and one of the two is kept.
# Matters because: a collector or an agent puts the series of many services into one request each few seconds. One service whose clock is
# behind, or that tells a figure of yesterday, or two instances that tell one series, take out the figures of all others in the batch, now
# and then, in graphs without a sign of it. Open `out_of_order_time_window`, send by 2.0 (`protobuf_message`), and see that each
# sender has its `service.instance.id`.
#
# Output seen (a second series, which is right, in one request with each):
#   otlp, a right point: 200, kept
#   otlp, a point older than the last: 400 out of order sample, lost
#   otlp, the same before it: 400 out of order sample, lost
#   otlp, a point of two hours ago: 400 out of bounds, lost
#   otlp, a second value for one moment: 400 duplicate sample for timestamp, lost
#   otlp, a change instead of a sum: 500 invalid temporality and type combination, lost
#   otlp, two names that become one: 200, kept
#   remote write 1.0, right points: 204, kept
#   remote write 1.0, a point older than the last: 400 out of order sample, lost
#   remote write 2.0, right points: 204, kept
#   remote write 2.0, a point older than the last: 400 out of order sample, kept
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

CGO_ENABLED=0 GOBIN=$folder go install -tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@v0.316.0 2> "$folder/log"
echo 'global: {scrape_interval: 15s}' > "$folder/prometheus.yml"
"$folder/prometheus" --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" --web.listen-address=127.0.0.1:19098 \
    --web.enable-otlp-receiver --web.enable-remote-write-receiver > "$folder/log" 2>&1 &
server=$!

cat > "$folder/tell.py" <<'PY'
import json
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

HOST, NOW = "http://127.0.0.1:19098", int(time.time())


def post(path, body, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(HOST + path, body, headers)) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as refused:
        reason = refused.read().decode().strip()
        for end in (" for metric", " for series", " 1"):  # what is different in each run
            reason = reason.partition(end)[0]
        return f"{refused.code} {reason}"


def point(value, ago):
    return {"timeUnixNano": str((NOW - ago) * 10**9), "asDouble": value}


def gauge(name, value, ago):
    return {"name": name, "gauge": {"dataPoints": [point(value, ago)]}}


def change(name, value, ago):
    return {"name": name, "sum": {"isMonotonic": True, "aggregationTemporality": 1, "dataPoints": [point(value, ago)]}}


def otlp(*metrics):
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "kpis"}}]}
    request = {"resourceMetrics": [{"resource": service, "scopeMetrics": [{"metrics": list(metrics)}]}]}
    return post("/api/v1/otlp/v1/metrics", json.dumps(request).encode(), {"content-type": "application/json"})


def varint(number):
    return bytes([number]) if number < 128 else bytes([number % 128 + 128]) + varint(number // 128)


def part(field, content):
    return varint(field * 8 + 2) + varint(len(content)) + content


def block(request):
    return varint(len(request)) + b"\xf4" + struct.pack("<H", len(request) - 1) + request  # snappy, one literal


def sample(value, ago):
    return part(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(1000 * (NOW - ago)))


def remote_write(*told):
    request = b""
    for name, value, ago in told:
        labels = b"".join(part(1, part(1, key) + part(2, of)) for key, of in ((b"__name__", name.encode()), (b"job", b"kpis")))
        request += part(1, labels + sample(value, ago))
    headers = {"content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0"}
    return post("/api/v1/write", block(request), headers)


def remote_write_2(*told):
    symbols = ["", "__name__", "job", "kpis", *(name for name, _, _ in told)]
    request = b"".join(part(4, symbol.encode()) for symbol in symbols)
    for number, (_, value, ago) in enumerate(told, start=4):
        request += part(5, part(1, bytes([1, number, 2, 3])) + sample(value, ago))
    headers = {"content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}
    headers |= {"content-encoding": "snappy", "x-prometheus-remote-write-version": "2.0.0"}
    return post("/api/v1/write", block(request), headers)


def kept(name):
    asked = urllib.parse.urlencode({"query": name})
    with urllib.request.urlopen(f"{HOST}/api/v1/query?{asked}") as answer:
        return "kept" if json.load(answer)["data"]["result"] else "lost"


for _ in range(200):
    try:
        urllib.request.urlopen(HOST + "/-/ready").close()
        break
    except OSError:
        time.sleep(0.1)
otlp(gauge("known", 1, 30))
CASES = {
    "otlp, a right point": lambda: otlp(gauge("other", 1, 20), gauge("good0", 1, 20)),
    "otlp, a point older than the last": lambda: otlp(gauge("known", 2, 40), gauge("good1", 1, 20)),
    "otlp, the same before it": lambda: otlp(gauge("good2", 1, 20), gauge("known", 2, 40)),
    "otlp, a point of two hours ago": lambda: otlp(gauge("late", 1, 7300), gauge("good3", 1, 20)),
    "otlp, a second value for one moment": lambda: otlp(gauge("known", 3, 30), gauge("good4", 1, 20)),
    "otlp, a change instead of a sum": lambda: otlp(change("changes", 1, 20), gauge("good5", 1, 20)),
    "otlp, two names that become one": lambda: otlp(gauge("plan.seats", 1, 20), gauge("plan_seats", 2, 20), gauge("good6", 1, 20)),
    "remote write 1.0, right points": lambda: remote_write(("other1", 1, 20), ("good7", 1, 20)),
    "remote write 1.0, a point older than the last": lambda: remote_write(("known", 2, 40), ("good8", 1, 20)),
    "remote write 2.0, right points": lambda: remote_write_2(("other2", 1, 20), ("good9", 1, 20)),
    "remote write 2.0, a point older than the last": lambda: remote_write_2(("known", 2, 40), ("good10", 1, 20)),
}
for number, (title, tell) in enumerate(CASES.items()):
    print(f"{title}: {tell()}, {kept(f'good{number}')}")
PY
python3 "$folder/tell.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
