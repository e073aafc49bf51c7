#!/usr/bin/env bash
# One JSONata expression makes `1.23456789012346e+15` of an account's number in Python, has no fraction in a rest, a year 1926 or 26, and no field of null in Go.
#
# Versions: jsonata 2.2.2 (npm, by its authors), jsonata-python 0.7.1 (PyPI), blues/jsonata-go 1.5.4 (Go module), dashjoin jsonata 0.9.10 (Maven); Node 20,
# Python 3.11, Go 1.26, Java 17.
# A good guess: the ports say that they pass the tests of the original, so that an expression can be written once. Whole numbers
# are written whole wherever they are exact, `%` is the rest, and what is no date is refused.
# What happens:
#   1. As text, and after `&`, a whole number of 16 digits has 15 and an exponent in Python. The number itself is whole.
#   2. The rest of a division has no fraction in Python: 7.5 % 2 is 1. Its `$formatNumber` rounds halves up, those of the others to the even digit.
#   3. 30 February is 2 March in JavaScript and 28 February in Java; others refuse it. A year of two digits is 1926 in JavaScript and 26 elsewhere.
#   4. Go has no fields with null: they do not exist, are not counted and are not merged.
#   5. 19.99 * 100 is 1999 as text in all but Go, and 1998 by `$floor` in all.
# Matters because: JSONata shapes events between systems (flows, webhooks, connectors), and is tried out in a page in JavaScript. Ids
# of 16 digits, as databases and billing make them, meet in one key of 15 digits; remainders of usage are lost. Have ids as text from the
# beginning, dates as ISO text with four digits, and say `$exists` only of what is never null.
#
# Output seen (2026-11-30):
#   "account-" & account: JavaScript account-1234567890123456, Python account-1.23456789012346e+15, Go account-1234567890123456, Java account-1234567890123456
#   7.5 % 2: JavaScript 1.5, Python 1, Go 1.5, Java 1.5
#   $formatNumber(0.125, "0.00"): JavaScript 0.12, Python 0.13, Go 0.12, Java 0.12
#   $fromMillis($toMillis("2026-02-30"), "[Y]-[M]-[D]"): JavaScript 2026-3-2, Python refused, Go refused, Java 2026-2-28
#   $fromMillis($toMillis("11/30/26", "[M]/[D]/[Y,2-2]"), "[Y0001]-[M01]-[D01]"): JavaScript 1926-11-30, Python 0026-11-30, Go refused, Java 0026-11-30
#   $exists(plan): JavaScript true, Python true, Go false, Java true
#   $count(answers[score = null]): JavaScript 1, Python 1, Go 0, Java 1
#   $string(price * 100): JavaScript 1999, Python 1999, Go 1998.9999999999998, Java 1999
#   $string($floor(price * 100)): JavaScript 1998, Python 1998, Go 1998, Java 1998
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
sed 's/: JavaScript .*//' "$folder/stated" > "$folder/asked"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jsonata-python==0.7.1
cd "$folder"
(npm init -y && npm install --no-audit --no-fund jsonata@2.2.2) > log 2>&1
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>expressions</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.dashjoin</groupId><artifactId>jsonata</artifactId><version>0.9.10</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=libs > log 2>&1
echo '{"account": 1234567890123456, "plan": null, "price": 19.99, "answers": [{"score": 10}, {"score": null}]}' > event

cat > ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import jsonata from "jsonata";

const event = JSON.parse(readFileSync("event", "utf8"));
for (const expression of readFileSync("asked", "utf8").trim().split("\n")) {
  console.log(await jsonata(expression).evaluate(event).then(String, () => "refused"));
}
JS
cat > ask.py <<'PY'
import json

import jsonata

event = json.load(open("event"))
for expression in open("asked"):
    try:
        told = jsonata.Jsonata(expression).evaluate(event)
    except Exception:
        told = "refused"
    print(str(told).lower() if isinstance(told, bool) else told)
PY
cat > Ask.java <<'JAVA'
import static com.dashjoin.jsonata.Jsonata.jsonata;

import com.dashjoin.jsonata.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;

class Ask {
    public static void main(String[] arguments) throws Exception {
        Object event = Json.parseJson(Files.readString(Path.of("event")));
        for (String expression : Files.readAllLines(Path.of("asked"))) {
            String told = "refused";
            try {
                told = String.valueOf(jsonata(expression).evaluate(event));
            } catch (Exception error) {
                // told
            }
            System.out.println(told);
        }
    }
}
JAVA
mkdir go
cat > go/main.go <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	jsonata "github.com/blues/jsonata-go"
)

func main() {
	content, err := os.ReadFile("../event")
	if err != nil {
		panic(err)
	}
	var event any
	if err := json.Unmarshal(content, &event); err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var told any = "refused"
		if expression, err := jsonata.Compile(lines.Text()); err == nil {
			if value, err := expression.Eval(event); err == nil {
				told = value
			}
		}
		fmt.Println(told)
	}
}
GO
(cd go && export GOPATH="$folder/path" GOFLAGS=-mod=mod && go mod init finding && go get github.com/blues/jsonata-go@v1.5.4 && go run . < ../asked > ../go.told) 2> log ||
    { cat log >&2; exit 1; }
node ask.mjs > node.told
venv/bin/python ask.py > python.told
java -cp "libs/*" Ask.java > java.told
paste asked node.told python.told go.told java.told |
    awk -F '\t' '{ printf "%s: JavaScript %s, Python %s, Go %s, Java %s\n", $1, $2, $3, $4, $5 }' | tee seen
diff stated seen && echo "as stated"
