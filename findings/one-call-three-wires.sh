#!/usr/bin/env bash
# The same calls of product analytics libraries put the same facts at other places, and one makes up a person.
#
# Versions: segment-analytics-python 2.4.0, rudder-sdk-python 2.1.9, posthog 7.91.1; Python 3.11; 2026-11-29.
# A good guess: RudderStack's library is Segment's with another address, so what reads one reads the other; an alias names the
# new id as the one who acts, in all of them; a call about a group is about no person.
# What happens:
#   1. Both name themselves analytics-python in the user agent, so that the sender cannot be told by it.
#   2. RudderStack puts the traits of identify into context.traits, and none where Segment has them.
#   3. In an alias of Segment the acting id is the new one and previousId the old; in one of PostHog distinct_id is the old
#      one, and the new one is a property.
#   4. PostHog's group_identify, called without a person, is sent under a random id, another one each time, and nothing marks it as
#      nobody's: whoever counts distinct ids counts one person more for each call.
#
# Output seen:
#   user agent: segment analytics-python, rudderstack analytics-python, posthog posthog-python
#   traits of identify: segment traits, rudderstack context.traits, posthog $set
#   alias of old to new, who acts: segment new, rudderstack new, posthog old
#   group_identify of posthog: two calls, two ids, marked as nobody's: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet segment-analytics-python==2.4.0 rudder-sdk-python==2.1.9 posthog==7.91.1

cat > "$folder/tell.py" <<'PY'
import gzip
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEARD = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        told = json.loads(body)
        agent = self.headers["user-agent"].split("/")[0]
        HEARD.extend((agent, each) for each in told.get("batch", [told]))
        answer = b'{"status": 1, "success": true}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

if sys.argv[1] == "segment":
    from segment.analytics.client import Client
    client = Client("key", host=url)
    client.identify("new", {"plan": "pro"})
    client.alias("old", "new")
elif sys.argv[1] == "rudderstack":
    from rudderstack.analytics.client import Client
    client = Client("key", host=url)
    client.identify("new", {"plan": "pro"})
    client.alias("old", "new")
else:
    from posthog import Posthog
    client = Posthog("key", host=url)
    client.set(distinct_id="new", properties={"plan": "pro"})
    client.alias("old", "new")
    client.group_identify("company", "acme", {"plan": "pro"})
    client.group_identify("company", "acme", {"plan": "pro"})
client.flush()
client.shutdown() if hasattr(client, "shutdown") else client.join()

agent = HEARD[0][0]
calls = [call for _, call in HEARD]
kind = lambda call: call.get("type") or call.get("event")
said = {"agent": agent}
for call in calls:
    if kind(call) == "identify":
        said["traits"] = "traits" if call.get("traits") else "context.traits" if call["context"].get("traits") else "none"
    elif kind(call) == "$set":
        said["traits"] = "$set" if "plan" in (call.get("$set") or call["properties"].get("$set", {})) else "none"
    elif kind(call) in ("alias", "$create_alias"):
        said["acts"] = call.get("userId") or call["distinct_id"]
groups = [call for call in calls if kind(call) == "$groupidentify"]
if groups:
    said["ids"] = len({call["distinct_id"] for call in groups})
    said["calls"] = len(groups)
    said["marked"] = any("process_person_profile" in json.dumps(call) for call in groups)
print(json.dumps(said))
PY

for each in segment rudderstack posthog; do
    "$folder/venv/bin/python" "$folder/tell.py" "$each" > "$folder/$each" 2> "$folder/$each.log"
done
python3 - "$folder" <<'PY' | tee "$folder/seen"
import json
import pathlib
import sys

told = {name: json.loads(pathlib.Path(sys.argv[1], name).read_text()) for name in ("segment", "rudderstack", "posthog")}
for title, key in (("user agent", "agent"), ("traits of identify", "traits"), ("alias of old to new, who acts", "acts")):
    print(f"{title}: " + ", ".join(f"{name} {each[key]}" for name, each in told.items()))
of = told["posthog"]
words = {1: "one", 2: "two"}
print(f"group_identify of posthog: {words[of['calls']]} calls, {words[of['ids']]} ids, marked as nobody's: {of['marked']}")
PY
grep -A4 '^# Output seen' "$0" | sed -n 's/^#   //p' | diff - "$folder/seen" && echo "as stated"
