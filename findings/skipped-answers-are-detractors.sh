#!/usr/bin/env bash
# By one rule in JsonLogic who did not answer is a detractor, or is not, by library; in Go no score is above -1, below 7, and not 0 or more.
#
# Versions: json-logic-js 2.0.5 and json-logic-engine 5.0.7 (npm), json-logic-qubit 0.9.1 and panzi-json-logic 1.0.1 (PyPI), diegoholiveira/jsonlogic 3.5.1
# (Go module); Node 20, Python 3.11, Go 1.26.
# A good guess: rules are JSON so that front and back decide alike, and libraries pass the same tests. What is null or missing is neither
# below nor above a number, or it is 0 everywhere.
# What happens:
#   1. null and what is missing are 0 when compared in three libraries, are not comparable in json-logic-qubit, and in Go are 0 for `<` and `>`
#      but do not equal it, so that null is above -1 and not `>= 0`. That null equals 0 is so in two.
#   2. A sum with null is NaN, an error or leaves it out; the twofold of it is null, 0 or an error.
#   3. The default of `var` is taken for null in two libraries, in the others only for what is missing. "missing" has null and empty text, or not.
#   4. -7 % 3 is 2 in Python, an object without fields is true or not, and text made of true or null is "True", "None" or refused.
# Matters because: scores of surveys that were skipped, end dates that are open and limits that nobody set are null. Rules of entitlement, health
# and routing that are tried out in a page decide otherwise in a service. Ask first whether a value is there (`{"!=": [value, null]}` is alike in
# all), give null its default before the rule, and have one library decide.
#
# Output seen (2026-11-30; score is null, nothing is missing, scores are 10, null, 4):
#   {"<=": [{"var": "score"}, 6]}: js true, engine true, qubit false, panzi true, Go true
#   {"<": [{"var": "score"}, 7]}: js true, engine true, qubit false, panzi true, Go true
#   {">": [{"var": "score"}, -1]}: js true, engine true, qubit false, panzi true, Go true
#   {">=": [{"var": "score"}, 0]}: js true, engine true, qubit false, panzi true, Go false
#   {"<=": [0, {"var": "nothing"}, 6]}: js true, engine true, qubit false, panzi true, Go false
#   {"==": [{"var": "score"}, 0]}: js false, engine true, qubit false, panzi true, Go false
#   {"reduce": [{"var": "scores"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]}: js NaN, engine 14, qubit refused, panzi 14, Go 14
#   {"filter": [{"var": "scores"}, {"<": [{"var": ""}, 7]}]}: js [null,4], engine [null,4], qubit [4], panzi [null,4], Go [null,4]
#   {"map": [{"var": "scores"}, {"*": [{"var": ""}, 2]}]}: js [20,null,8], engine [20,0,8], qubit refused, panzi [20,0,8], Go refused
#   {"var": ["score", 5]}: js null, engine null, qubit null, panzi 5, Go 5
#   {"missing": ["score", "text", "nothing"]}: js ["score","text","nothing"], engine ["nothing"], qubit ["score","text","nothing"], panzi ["score","text","nothing"], Go ["score","nothing"]
#   {"%": [-7, 3]}: js -1, engine -1, qubit 2, panzi 2, Go -1
#   {"!!": [{}]}: js true, engine false, qubit false, panzi true, Go false
#   {"cat": ["active: ", true]}: js "active: true", engine "active: true", qubit "active: True", panzi "active: True", Go refused
#   {"!=": [{"var": "score"}, null]}: js false, engine false, qubit false, panzi false, Go false
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
sed 's/: js .*//' "$folder/stated" > "$folder/rules"
cd "$folder"
(npm init -y && npm install --no-audit --no-fund json-logic-js@2.0.5 json-logic-engine@5.0.7) > log 2>&1
for library in json-logic-qubit==0.9.1 panzi-json-logic==1.0.1; do
    python3 -m venv "${library%%==*}"
    "${library%%==*}/bin/pip" install --quiet --disable-pip-version-check "$library" 2> log
done
echo '{"score": null, "scores": [10, null, 4], "text": ""}' > answer

cat > ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { LogicEngine } from "json-logic-engine";
import rules from "json-logic-js";

const answer = JSON.parse(readFileSync("answer", "utf8"));
const engine = new LogicEngine();
for (const rule of readFileSync("rules", "utf8").trim().split("\n")) {
  console.log([(one) => rules.apply(one, answer), (one) => engine.run(one, answer)].map((ask) => {
    try {
      const told = ask(JSON.parse(rule));
      return Number.isNaN(told) ? "NaN" : JSON.stringify(told);
    } catch {
      return "refused";
    }
  }).join("\t"));
}
JS
cat > ask.py <<'PY'
import json

from json_logic import jsonLogic

answer = json.load(open("answer"))
for rule in open("rules"):
    try:
        print(json.dumps(jsonLogic(json.loads(rule), answer), separators=(",", ":")))
    except Exception:
        print("refused")
PY
mkdir go
cat > go/main.go <<'GO'
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/diegoholiveira/jsonlogic/v3"
)

func main() {
	answer, err := os.ReadFile("../answer")
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var told bytes.Buffer
		if jsonlogic.Apply(strings.NewReader(lines.Text()), bytes.NewReader(answer), &told) != nil {
			fmt.Println("refused")
		} else {
			fmt.Println(strings.TrimSpace(told.String()))
		}
	}
}
GO
(cd go && export GOPATH="$folder/path" GOFLAGS=-mod=mod && go mod init finding && go get github.com/diegoholiveira/jsonlogic/v3@v3.5.1 &&
    go run . < ../rules > ../go.told) 2> log || { cat log >&2; exit 1; }
node ask.mjs > node.told
json-logic-qubit/bin/python ask.py > qubit.told 2> log
panzi-json-logic/bin/python ask.py > panzi.told
paste rules node.told qubit.told panzi.told go.told |
    awk -F '\t' '{ printf "%s: js %s, engine %s, qubit %s, panzi %s, Go %s\n", $1, $2, $3, $4, $5, $6 }' | tee seen
diff stated seen && echo "as stated"
