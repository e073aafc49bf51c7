#!/usr/bin/env bash
# Of one data contract an amount of 12.2 digits is bytes, a double or a decimal, a number of 64 bits is one of 32, and what may miss must be there.
#
# Versions: datacontract-cli 1.2.8 (PyPI), Python 3.11; a contract in ODCS 3.1.
# A good guess: what is exported from one contract says the same in each language: `decimal(12,2)` is Avro's logical decimal with precision and
# scale, `bigint` has 64 bits, and a column without `required` may be null in all of them, as it may in JSON Schema.
# What happens: in Avro `decimal(12,2)` is plain bytes, and `decimal` a decimal without a precision, which is none; no column may be null, though
# the contract requires one only. In Protobuf `bigint` is int32 and both amounts are double. pydantic's model has a float for
# `decimal(12,2)` and a Decimal for `decimal`. Spark's `decimal` has no decimals, so that cents have no place in it.
# Matters because: the contract is what teams agree on, and code and registries are made of it. A producer in Avro has no place for a use without an
# amount, its readers get bytes for revenue, and counters of milliseconds or of bytes pass 2^31. Give types by hand for amounts and
# whole numbers, and compare what is exported with one event that has every optional part left out.
#
# Output seen (id required; amount decimal(12,2), mrr decimal, used bigint, none of them required):
#   avro: id string, amount bytes, mrr bytes decimal precision None, used long
#   jsonschema: id string, amount number or null, mrr number or null, used integer or null
#   protobuf: string id, double amount, double mrr, int32 used
#   pydantic: id str, amount float or None, mrr Decimal or None, used int or None
#   spark: id StringType() False, amount DecimalType(12, 2) True, mrr DecimalType(10, 0) True, used LongType() True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datacontract-cli==1.2.8

cat > "$folder/contract.yaml" <<'YAML'
apiVersion: v3.1.0
kind: DataContract
id: uses
name: uses
version: 1.0.0
status: active
schema:
- name: uses
  physicalType: table
  properties:
  - {name: id, logicalType: string, required: true}
  - {name: amount, logicalType: number, physicalType: "decimal(12,2)"}
  - {name: mrr, logicalType: number, physicalType: decimal}
  - {name: used, logicalType: integer, physicalType: bigint}
YAML
for form in avro jsonschema protobuf pydantic-model spark; do
  "$folder/venv/bin/datacontract" export "$form" "$folder/contract.yaml" > "$folder/$form" 2> "$folder/log"
done

cat > "$folder/told.py" <<'PY'
import json
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])


def text(form):
    return (folder / form).read_text()


def avro(kind):
    if isinstance(kind, str):
        return kind
    return f"{kind['type']} {kind['logicalType']} precision {kind.get('precision')}"


def told(form, parts):
    print(f"{form}: " + ", ".join(parts))


told("avro", [f"{field['name']} {avro(field['type'])}" for field in json.loads(text("avro"))["fields"]])
properties = json.loads(text("jsonschema"))["properties"]
kinds = {name: shape["type"] for name, shape in properties.items()}
told("jsonschema", [f"{name} {kind if isinstance(kind, str) else ' or '.join(kind)}" for name, kind in kinds.items()])
told("protobuf", re.findall(r"^ +(.* \w+) = \d+;", text("protobuf"), re.MULTILINE))
fields = re.findall(r"^ +(\w+): (?:typing\.(Optional)\[)?(?:decimal\.)?(\w+)", text("pydantic-model"), re.MULTILINE)
told("pydantic", [f"{name} {kind}{' or None' if optional else ''}" for name, optional, kind in fields])
fields = re.findall(r'StructField\("(\w+)",\s+(\w+\([^)]*\)),\s+(\w+)', text("spark"))
told("spark", [" ".join(field) for field in fields])
PY

"$folder/venv/bin/python" "$folder/told.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
