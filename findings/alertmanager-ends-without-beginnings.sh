#!/usr/bin/env bash
# What Alertmanager tells of an alert is not always its beginning and its end: an end alone, or a beginning alone.
#
# Versions: Alertmanager 0.35.0 (Go module; the page, which is not in the module, left empty), on Linux x86-64; 2026-11-29.
# A good guess: a receiver with send_resolved gets each alert as firing first and as resolved later, so that a pager, a
# ticket system or a count of messages can pair the two. One that came and went between two messages is told not at all.
# What happens:
#   1. An alert that begins and ends between two messages of its group is told as resolved, though it was never told as
#      firing, as soon as the group has any other alert that fires. Alone in its group it is not told.
#   2. An alert that was told as firing and ends while another one inhibits it is never told as resolved, not even
#      once the inhibition is over: what was opened by the first message stays open.
#
# Output seen:
#   group of two: A firing | A firing, B resolved
#   alone in its group: nothing
#   ended while inhibited: A firing | nothing more of A
set -euo pipefail
folder=$(mktemp -d)
manager=""
trap '[ -z "$manager" ] || kill "$manager" 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

export CGO_ENABLED=0 GOFLAGS=-mod=readonly
module=$(go mod download -json github.com/prometheus/alertmanager@v0.35.0 | sed -n 's/.*"Dir": "\(.*\)",$/\1/p')
cp -r "$module" "$folder/source"
chmod -R u+w "$folder/source"
install -D /dev/null "$folder/source/ui/app/dist/index.html"
(cd "$folder/source" && go build -o "$folder/alertmanager" ./cmd/alertmanager)

cat > "$folder/alertmanager.yml" <<'YML'
route: {receiver: heard, group_by: [job], group_wait: 1s, group_interval: 6s, repeat_interval: 1h}
inhibit_rules: [{source_matchers: ["alertname=C"], target_matchers: ["alertname=A"], equal: [job]}]
receivers: [{name: heard, webhook_configs: [{url: "http://127.0.0.1:19095/", send_resolved: true}]}]
YML
"$folder/alertmanager" --config.file="$folder/alertmanager.yml" --storage.path="$folder/data" --cluster.listen-address= \
    --web.listen-address=127.0.0.1:19094 > "$folder/log" 2>&1 &
manager=$!

cat > "$folder/tell.py" <<'PY'
import datetime as dt
import json
import threading
import time
import urllib.request
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, HTTPServer

HEARD = defaultdict(list)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        alerts = sorted((a["labels"]["alertname"], a["status"]) for a in told["alerts"])
        HEARD[told["groupLabels"]["job"]].append(", ".join(map(" ".join, alerts)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def tell(job, name, *, ended=False):
    now = dt.datetime.now(dt.timezone.utc)
    body = {"labels": {"alertname": name, "job": job}}
    body["startsAt"] = (now - dt.timedelta(seconds=1 if ended else 0)).isoformat()
    body["endsAt"] = (now + dt.timedelta(seconds=0 if ended else 600)).isoformat()
    request = urllib.request.Request("http://127.0.0.1:19094/api/v2/alerts", json.dumps([body]).encode())
    request.add_header("content-type", "application/json")
    urllib.request.urlopen(request).close()


threading.Thread(target=HTTPServer(("127.0.0.1", 19095), Receiver).serve_forever, daemon=True).start()
for _ in range(100):
    try:
        urllib.request.urlopen("http://127.0.0.1:19094/-/ready").close()
        break
    except OSError:
        time.sleep(0.1)

tell("two", "A")
tell("inhibited", "A")
time.sleep(2.5)  # both are told; the next message of a group is six seconds after its first
tell("two", "B")
tell("inhibited", "C")
time.sleep(0.5)
tell("two", "B", ended=True)
tell("inhibited", "A", ended=True)
time.sleep(8)
tell("inhibited", "C", ended=True)  # the inhibition is over
tell("alone", "D")
time.sleep(0.2)
tell("alone", "D", ended=True)
time.sleep(14)
print("group of two:", " | ".join(HEARD["two"]))
print("alone in its group:", " | ".join(HEARD["alone"]) or "nothing")
first, *later = HEARD["inhibited"]
of_a = [message for message in later if "A" in message]
print("ended while inhibited:", first, "|", " | ".join(of_a) or "nothing more of A")
PY

python3 "$folder/tell.py" | tee "$folder/seen"
grep -A3 '^# Output seen' "$0" | sed -n 's/^#   //p' | diff - "$folder/seen" && echo "as stated"
