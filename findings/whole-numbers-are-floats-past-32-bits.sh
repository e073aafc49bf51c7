#!/usr/bin/env bash
# A whole number above 32 bits, such as any time in milliseconds, leaves JavaScript as a floating-point one in MessagePack and CBOR, by the library most used.
#
# Versions: msgpackr 2.1.4, @msgpack/msgpack 3.1.3, msgpack-lite 0.2.2, notepack.io 3.0.1, cbor 10.0.12, cbor-x 1.6.9 with cbor-extract 2.2.2 (npm), Node 20;
# msgpack 1.2.4, msgspec 0.23.0, cbor2 6.3.0 (PyPI), Python 3.11; vmihailenco/msgpack 5.4.1, shamaton/msgpack 2.4.0, fxamacker/cbor 2.10.0 (Go modules), Go 1.26.
# A good guess: both formats have whole numbers of 64 bits, and a number of JavaScript that is whole and safe (below 2^53) is written as one; the option
# `useBigInt64` is about BigInts.
# What happens:
#   1. msgpackr, msgpack-lite and cbor-x write whole numbers from 2^32 on as a double; so does @msgpack/msgpack where `useBigInt64` is set.
#   2. Python reads 5000000000.0, whose text is another key and another JSON. msgspec refuses it as an int, and so do vmihailenco's and fxamacker's for int64.
#      Read into a map Go has 5e+09 as its text. shamaton's makes a whole number of it.
#   3. A Date that is no date is 1970 by @msgpack/msgpack and notepack.io; a Map is empty by all but msgpackr and CBOR's.
# Matters because: ids, cents and counts of tests are small; times in milliseconds and the account that is number 4294967296 are
# not. A consumer refuses them years later, or an account has two keys: one from JSON and one from here. Send ids as text, and write
# such numbers as BigInt with msgpackr and cbor-x (and read them as BigInt), or take the libraries that keep them whole.
#
# Output seen (2026-11-30; what Node wrote, as read):
#   id 4294967295 by msgpackr: msgpack 4294967295, msgspec 4294967295, vmihailenco 4294967295 in a map and 4294967295 as int64, shamaton 4294967295
#   id 5000000000 by msgpackr: msgpack 5000000000.0, msgspec refused, vmihailenco 5e+09 in a map and refused as int64, shamaton 5000000000
#   id 5000000000 by msgpack-lite: msgpack 5000000000.0, msgspec refused, vmihailenco 5e+09 in a map and refused as int64, shamaton 5000000000
#   id 5000000000 by notepack.io: msgpack 5000000000, msgspec 5000000000, vmihailenco 5000000000 in a map and 5000000000 as int64, shamaton 5000000000
#   id 5000000000 by @msgpack/msgpack: msgpack 5000000000, msgspec 5000000000, vmihailenco 5000000000 in a map and 5000000000 as int64, shamaton 5000000000
#   id 5000000000 by @msgpack/msgpack for BigInts: msgpack 5000000000.0, msgspec refused, vmihailenco 5e+09 in a map and refused as int64, shamaton 5000000000
#   id 5000000000 by cbor: cbor2 5000000000, fxamacker 5000000000 in a map and 5000000000 as int64
#   id 5000000000 by cbor-x: cbor2 5000000000.0, fxamacker 5e+09 in a map and refused as int64
#   id new Date(NaN) by @msgpack/msgpack: msgpack 1970-01-01 00:00:00+00:00
#   id new Date(NaN) by notepack.io: msgpack 1970-01-01 00:00:00+00:00
#   id new Map([["plan", 1]]) by @msgpack/msgpack: msgpack {}
#   id new Map([["plan", 1]]) by msgpack-lite: msgpack {}
#   id new Map([["plan", 1]]) by notepack.io: msgpack {}
#   id new Map([["plan", 1]]) by msgpackr: msgpack {'plan': 1}
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgpack==1.2.4 msgspec==0.23.0 cbor2==6.3.0
cd "$folder"
(npm init -y && npm install --no-audit --no-fund msgpackr@2.1.4 @msgpack/msgpack@3.1.3 msgpack-lite@0.2.2 notepack.io@3.0.1 cbor@10.0.12 \
    cbor-x@1.6.9 cbor-extract@2.2.2) > log 2>&1

sed 's/^id \(.*\) by \([^:]*\): .*/\1\t\2/' stated > asked
cat > write.mjs <<'JS'
import { readFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import cbor from "cbor";
import * as cborx from "cbor-x";
import lite from "msgpack-lite";
import { pack } from "msgpackr";
import notepack from "notepack.io";

const libraries = {
  "msgpackr": pack,
  "msgpack-lite": lite.encode,
  "notepack.io": notepack.encode,
  "@msgpack/msgpack": encode,
  "@msgpack/msgpack for BigInts": (value) => encode(value, { useBigInt64: true }),
  "cbor": cbor.encode,
  "cbor-x": cborx.encode,
};
for (const line of readFileSync("asked", "utf8").trim().split("\n")) {
  const [text, library] = line.split("\t");
  const id = { "new Date(NaN)": new Date(NaN), 'new Map([["plan", 1]])': new Map([["plan", 1]]) }[text] ?? Number(text);
  console.log(`${text}\t${library}\t${Buffer.from(libraries[library]({ id })).toString("hex")}`);
}
JS
cat > read.py <<'PY'
import cbor2
import msgpack
import msgspec


class Event(msgspec.Struct):
    id: int


for line in open("written"):
    text, library, content = line.split("\t")
    content = bytes.fromhex(content)
    if library.startswith("cbor"):
        print(f"cbor2 {cbor2.loads(content)['id']}")
    elif text.startswith("new"):
        print(f"msgpack {msgpack.unpackb(content, timestamp=3)['id']}")
    else:
        try:
            typed = msgspec.msgpack.decode(content, type=Event).id
        except msgspec.ValidationError:
            typed = "refused"
        print(f"msgpack {msgpack.unpackb(content)['id']}, msgspec {typed}")
PY
mkdir go
cat > go/main.go <<'GO'
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/fxamacker/cbor/v2"
	shamaton "github.com/shamaton/msgpack/v2"
	"github.com/vmihailenco/msgpack/v5"
)

type event struct {
	ID int64 `msgpack:"id" cbor:"id"`
}

func read(name string, content []byte, decode func([]byte, any) error) string {
	loose := map[string]any{}
	if err := decode(content, &loose); err != nil {
		panic(err)
	}
	var typed event
	told := "refused"
	if decode(content, &typed) == nil {
		told = fmt.Sprint(typed.ID)
	}
	return fmt.Sprintf(", %s %v in a map and %s as int64", name, loose["id"], told)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		content, err := hex.DecodeString(parts[2])
		if err != nil {
			panic(err)
		}
		if strings.HasPrefix(parts[0], "new") {
			fmt.Println()
		} else if strings.HasPrefix(parts[1], "cbor") {
			fmt.Println(read("fxamacker", content, func(from []byte, to any) error { return cbor.Unmarshal(from, to) }))
		} else {
			told := read("vmihailenco", content, msgpack.Unmarshal)
			var typed event
			if err := shamaton.Unmarshal(content, &typed); err != nil {
				panic(err)
			}
			fmt.Printf("%s, shamaton %d\n", told, typed.ID)
		}
	}
}
GO
node write.mjs > written
(cd go && export GOPATH="$folder/path" GOFLAGS=-mod=mod && go mod init finding && go get github.com/vmihailenco/msgpack/v5@v5.4.1 \
    github.com/shamaton/msgpack/v2@v2.4.0 github.com/fxamacker/cbor/v2@v2.10.0 && go run . < ../written > ../go.told) 2> log || { cat log >&2; exit 1; }
venv/bin/python read.py > python.told
paste -d '\t' asked python.told go.told | awk -F '\t' '{ printf "id %s by %s: %s%s\n", $1, $2, $3, $4 }' | tee seen
diff stated seen && echo "as stated"
