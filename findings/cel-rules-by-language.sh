#!/usr/bin/env bash
# One rule in CEL makes 19.99, 19 or a refusal of 1999 cents, puts one use in November or December, and a key `1000000` is `1e+06`, by library.
#
# Versions: cel-go 0.33.2 (Go module), cel-python 0.5.0 and common-expression-language 0.10.0 (PyPI; the latter is Rust's interpreter cel), @bufbuild/cel 0.6.1 and
# cel-js 0.8.2 (npm); Go 1.26, Python 3.11, Node 20.
# A good guess: CEL has a specification and tests of conformance, so that a rule can be kept as text and asked anywhere: a library that cannot do a
# thing refuses it. Whole numbers and others are not mixed: `1999 / 100.0` is refused, or 19.99 where the event came as JSON.
# What happens:
#   1. cel-python divides by 100.0 and cuts: 19. It does so with literals, which Go does not compile. cel-js divides whole numbers into 19.99.
#   2. Without a zone Rust takes parts of a time at the offset that it was written with; the specification says UTC, and the others do so.
#   3. Numbers of JSON are doubles in Go and whole in Python: `string` has an exponent there from a million on, and `cents / 100` is refused.
#   4. @bufbuild/cel says that a field with null is not there. It has the milliseconds of a duration within its second, Go all of them.
#   5. cel-python cuts the fraction of a second from the text of a time, and -0.5 s towards 1970. Rust counts bytes of a text, not characters.
# Matters because: rules of alerts, entitlements, filters of events and protovalidate's are in CEL, and are tried out in one language and run in
# another. Say `double(...)` on both sides and give a zone in each call, send ids as text, and say `!= null` beside `has`.
#
# Output seen (2026-11-30):
#   cents / 100.0: Go 19.99, Python 19, Rust refused, bufbuild 19.99, cel-js 19.99
#   3 / 2.0: Go refused, Python 1, Rust refused, bufbuild refused, cel-js 1.5
#   cents / 100: Go refused, Python 19, Rust 19, bufbuild refused, cel-js 19.99
#   double(cents) / 100.0: Go 19.99, Python 19.99, Rust 19.99, bufbuild 19.99, cel-js refused
#   timestamp(at).getMonth(): Go 10, Python 10, Rust 11, bufbuild 10, cel-js refused
#   timestamp(at).getDayOfWeek(): Go 1, Python 1, Rust 2, bufbuild 1, cel-js refused
#   string(account): Go 1e+06, Python 1000000, Rust 1000000, bufbuild 1000000, cel-js refused
#   has(event.plan): Go true, Python true, Rust true, bufbuild false, cel-js true
#   duration("90.5s").getMilliseconds(): Go 90500, Python 90500, Rust 90500, bufbuild 500, cel-js refused
#   string(timestamp("2026-11-30T12:00:00.5Z")): Go 2026-11-30T12:00:00.5Z, Python 2026-11-30T12:00:00Z, Rust 2026-11-30T12:00:00.500+00:00, bufbuild 2026-11-30T12:00:00.500Z, cel-js refused
#   int(timestamp("1969-12-31T23:59:59.5Z")): Go -1, Python 0, Rust refused, bufbuild -1, cel-js refused
#   size(city) <= 6: Go true, Python true, Rust false, bufbuild true, cel-js true
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0 common-expression-language==0.10.0
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund @bufbuild/cel@0.6.1 cel-js@0.8.2 > "$folder/log" 2>&1)

sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
sed 's/: Go .*//' "$folder/stated" > "$folder/rules"
echo '{"cents": 1999, "account": 1000000, "event": {"plan": null}, "at": "2026-12-01T00:30:00+02:00", "city": "Zürich"}' > "$folder/event"
cat > "$folder/rules.py" <<'PY'
import json
import sys

import cel
import celpy

event = json.load(open("event"))
values = celpy.json_to_cel(event)
space = celpy.Environment()
for rule in open("rules"):
    told = []
    for ask in (lambda: space.program(space.compile(rule)).evaluate(values), lambda: cel.evaluate(rule, event)):
        try:
            told.append(str(ask()))
        except Exception:
            told.append("refused")
    print("\t".join(value.lower() if value in ("True", "False") else value for value in told))
PY
cat > "$folder/rules.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { isCelError, run } from "@bufbuild/cel";
import { evaluate } from "cel-js";

const event = JSON.parse(readFileSync("event", "utf8"));
for (const rule of readFileSync("rules", "utf8").trim().split("\n")) {
  console.log([run, evaluate].map((ask) => {
    try {
      const value = ask(rule, event);
      return isCelError(value) ? "refused" : String(value);
    } catch {
      return "refused";
    }
  }).join("\t"));
}
JS
mkdir "$folder/go"
cat > "$folder/go/main.go" <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"cel.dev/cel-go/cel"
)

func main() {
	content, err := os.ReadFile("../event")
	if err != nil {
		panic(err)
	}
	event := map[string]any{}
	if err := json.Unmarshal(content, &event); err != nil {
		panic(err)
	}
	options := []cel.EnvOption{}
	for name := range event {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	space, err := cel.NewEnv(options...)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		tree, issues := space.Compile(lines.Text())
		if issues.Err() != nil {
			fmt.Println("refused")
			continue
		}
		program, err := space.Program(tree)
		if err != nil {
			panic(err)
		}
		value, _, err := program.Eval(event)
		if err != nil {
			fmt.Println("refused")
			continue
		}
		fmt.Println(value.Value())
	}
}
GO
(cd "$folder/go" && export GOPATH="$folder/path" GOFLAGS=-mod=mod && { go mod init finding && go get cel.dev/cel-go/cel@v0.33.2; } 2> "$folder/log" &&
    go run . < "$folder/rules" > "$folder/go.told" 2>> "$folder/log") || { cat "$folder/log" >&2; exit 1; }
cd "$folder"
venv/bin/python rules.py > python.told
node rules.mjs > node.told
paste rules go.told python.told node.told |
    awk -F '\t' '{ printf "%s: Go %s, Python %s, Rust %s, bufbuild %s, cel-js %s\n", $1, $2, $3, $4, $5, $6 }' | tee seen
diff stated seen && echo "as stated"
