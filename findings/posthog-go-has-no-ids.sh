#!/usr/bin/env bash
# All events that PostHog's library for Go sends have one id, the empty text, or none.
#
# Versions: posthog-go 1.5.2 (the newest that the module proxy had), Go 1.26; posthog-node 5.70.0, Node 20; 2026-11-29.
# A good guess: as in the libraries for other languages, each event gets a UUID when it is captured, so that one that is sent twice
# can be told, and the id of an alias is where that of other events is.
# What happens: a capture has `"uuid": ""` unless the caller made one; an identify and an alias have no `uuid` at all, and an
# alias has its `distinct_id` among the properties only. Node's has both, for all of them.
# Matters because: who takes `uuid` as the key of an event, as the history of other senders teaches, keeps one event of all that
# a service in Go sent, or refuses them. What is sent again after a time-out cannot be told from a second use.
#
# Output seen:
#   go: Used uuid '', distinct_id u1; Used uuid '', distinct_id u2; $identify uuid none, distinct_id u1; $create_alias uuid none, distinct_id none
#   node: Used uuid its own, distinct_id u1; Used uuid its own, distinct_id u2; $identify uuid its own, distinct_id u1; $create_alias uuid its own, distinct_id u1
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/receiver.py" <<'PY'
import gzip
import json
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

folder = pathlib.Path(sys.argv[1])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        with (folder / "heard").open("a") as file:
            for message in json.loads(body).get("batch", []):
                file.write(json.dumps(message) + "\n")
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
(folder / "url.new").write_text(f"http://127.0.0.1:{server.server_port}")
(folder / "url.new").rename(folder / "url")
server.serve_forever()
PY
python3 "$folder/receiver.py" "$folder" &
server=$!
until [ -e "$folder/url" ]; do sleep 0.1; done
url=$(cat "$folder/url")

mkdir "$folder/go" "$folder/node"
cat > "$folder/go/tell.go" <<'GO'
package main

import (
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig("key", posthog.Config{Endpoint: os.Args[1]})
	if err != nil {
		panic(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u1", Event: "Used"})
	client.Enqueue(posthog.Capture{DistinctId: "u2", Event: "Used"})
	client.Enqueue(posthog.Identify{DistinctId: "u1", Properties: posthog.NewProperties().Set("plan", "pro")})
	client.Enqueue(posthog.Alias{DistinctId: "u1", Alias: "device"})
	client.Close()
}
GO
(cd "$folder/go" && go mod init tell && go get github.com/posthog/posthog-go@v1.5.2 && go mod tidy && go build -o tell .) > "$folder/log" 2>&1

cat > "$folder/node/tell.js" <<'JS'
const { PostHog } = require("posthog-node");
const client = new PostHog("key", { host: process.argv[2], flushAt: 100 });
client.capture({ distinctId: "u1", event: "Used" });
client.capture({ distinctId: "u2", event: "Used" });
client.identify({ distinctId: "u1", properties: { plan: "pro" } });
client.alias({ distinctId: "u1", alias: "device" });
client.shutdown();
JS
(cd "$folder/node" && npm install --silent --no-audit --no-fund posthog-node@5.70.0) > "$folder/log" 2>&1

"$folder/go/tell" "$url" 2> "$folder/log"
mv "$folder/heard" "$folder/go.heard"
(cd "$folder/node" && node tell.js "$url")
mv "$folder/heard" "$folder/node.heard"

python3 - "$folder" <<'PY' | tee "$folder/seen"
import json
import pathlib
import sys


def told(message):
    uuid = message.get("uuid")
    of = "none" if uuid is None else "its own" if uuid else "''"
    return f"{message['event']} uuid {of}, distinct_id {message.get('distinct_id', 'none')}"


for language in ("go", "node"):
    messages = [json.loads(line) for line in pathlib.Path(sys.argv[1], f"{language}.heard").read_text().splitlines()]
    messages.sort(key=lambda message: ["Used", "$identify", "$create_alias"].index(message["event"]))
    print(f"{language}: " + "; ".join(map(told, messages)))
PY
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
