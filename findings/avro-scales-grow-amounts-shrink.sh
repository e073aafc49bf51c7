#!/usr/bin/env bash
# A schema with two decimals more is compatible, and 19.99 is 0.1999 by it in Java and Go, 19.99 in Python, where a renamed account is its default.
#
# Versions: Avro for Java 1.12.2, hamba/avro 2.31.0 (Go), avro 1.12.2 and fastavro 1.13.1 (PyPI); Java 17 with its compiler, Maven, Go 1.26,
# Python 3.11. Written with the old schema, read with both, as a reader that has a registry does.
# A good guess: two schemas are compatible if what was written by one means the same by the other. The specification has decimals match if their
# scales do, so another scale is incompatible, or the amount is rescaled; so with milliseconds that become microseconds. An alias
# is for a field that got another name, and a default has the type of its field.
# What happens:
#   1. `SchemaCompatibility`, which registries ask, and hamba's see bytes and long, and say yes. Java and Go then read old digits with the
#      new scale, and old milliseconds as microseconds: January 1970. Both libraries for Python take the writer's scale and unit.
#   2. Apache's for Python does not know aliases when it reads: the renamed field has its default, the old value is gone. It refuses an
#      enumeration's new symbol where the schema has a default for it. Defaults of decimals it gives as bytes, and not those of the schema.
#   3. fastavro gives the default of a decimal as text, and that of a record, {}, without the defaults of the record's own fields.
# Matters because: prices per call need more decimals than prices per seat, and the registry lets the schema through. All revenue before it is a
# hundredth in services of one language, right in those of another, and tests with new events are right in both. Give the amount a
# new name where its scale or unit changes, and never a default to what says who paid.
#
# Output seen (compatible by Java, by Go; then what Java, Go, avro and fastavro read):
#   19.99 of scale 2, by scale 4: compatible yes yes; 0.1999, 0.1999, 19.99, 19.99
#   2026-12-01 of milliseconds, by microseconds: compatible yes yes; 1970-01-21, 1970-01-21, 2026-12-01, 2026-12-01
#   account a1, renamed, by its alias: compatible yes yes; a1, a1, none, a1
#   reason `moved`, by one that does not know it: compatible yes yes; other, other, SchemaResolutionException, other
#   no price, by a default of 19.99: compatible yes yes; 19.99, 19.99, b'\x07\xc3\x8f', '\x07Ï'
#   no plan, by a default whose own is USD: compatible yes yes; USD, USD, USD, nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder" && rm -rf "$folder"' EXIT
export PYTHONIOENCODING=utf-8
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>scales</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.2</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check avro==1.12.2 fastavro==1.13.1

cat > "$folder/write.py" <<'PYTHON'
import base64
import io
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal

import fastavro


def decimal(scale):
    return {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": scale}


def moment(unit):
    return {"type": "long", "logicalType": f"timestamp-{unit}"}


def reasons(*symbols):
    return {"type": "enum", "name": "Reason", "symbols": ["other", *symbols], "default": "other"}


plan = {"type": "record", "name": "Plan", "fields": [{"name": "currency", "type": "string", "default": "USD"}]}
cases = [
    ("19.99 of scale 2, by scale 4", {"name": "v", "type": decimal(2)}, {"name": "v", "type": decimal(4)}, Decimal("19.99")),
    ("2026-12-01 of milliseconds, by microseconds", {"name": "v", "type": moment("millis")}, {"name": "v", "type": moment("micros")},
     datetime(2026, 12, 1, tzinfo=UTC)),
    ("account a1, renamed, by its alias", {"name": "old", "type": "string"}, {"name": "v", "aliases": ["old"], "type": "string", "default": "none"}, "a1"),
    ("reason `moved`, by one that does not know it", {"name": "v", "type": reasons("price", "moved")}, {"name": "v", "type": reasons("price")}, "moved"),
    ("no price, by a default of 19.99", {"name": "n", "type": "long"}, {"name": "v", "type": decimal(2), "default": "\u0007\u00cf"}, 1),
    ("no plan, by a default whose own is USD", {"name": "n", "type": "long"}, {"name": "v", "type": plan, "default": {}}, 1),
]
told = []
for name, written, wanted, value in cases:
    old, new = ({"type": "record", "name": "Event", "fields": [field]} for field in (written, wanted))
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(old), {written["name"]: value})
    told.append([name, json.dumps(old), json.dumps(new), base64.b64encode(stream.getvalue()).decode()])
json.dump(told, open(sys.argv[1], "w"))
PYTHON
cat > "$folder/Read.java" <<'JAVA'
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.Base64;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

class Read {
    public static void main(String[] arguments) throws Exception {
        GenericData data = new GenericData();
        data.addLogicalTypeConversion(new Conversions.DecimalConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        for (JsonNode told : new ObjectMapper().readTree(new File(arguments[0]))) {
            Schema written = new Schema.Parser().parse(told.get(1).asText()), wanted = new Schema.Parser().parse(told.get(2).asText());
            boolean compatible = SchemaCompatibility.checkReaderWriterCompatibility(wanted, written).getType()
                == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE;
            byte[] bytes = Base64.getDecoder().decode(told.get(3).asText());
            Object value = new GenericDatumReader<GenericRecord>(written, wanted, data)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null)).get("v");
            if (value instanceof GenericRecord record) value = record.get("currency");
            if (value instanceof java.time.Instant) value = value.toString().substring(0, 10);
            System.out.println((compatible ? "yes" : "no") + "\t" + value);
        }
    }
}
JAVA
mkdir "$folder/go"
cat > "$folder/go/main.go" <<'GO'
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var told [][]string
	check(json.Unmarshal(text, &told))
	for _, line := range told {
		written, err := avro.ParseWithCache(line[1], "", &avro.SchemaCache{})
		check(err)
		wanted, err := avro.ParseWithCache(line[2], "", &avro.SchemaCache{})
		check(err)
		rules := avro.NewSchemaCompatibility()
		compatible := "yes"
		if rules.Compatible(wanted, written) != nil {
			compatible = "no"
		}
		both, err := rules.Resolve(wanted, written)
		check(err)
		bytes, err := base64.StdEncoding.DecodeString(line[3])
		check(err)
		var event map[string]any
		check(avro.Unmarshal(both, bytes, &event))
		shown := fmt.Sprint(event["v"])
		switch value := event["v"].(type) {
		case *big.Rat:
			shown = strings.TrimRight(value.FloatString(6), "0")
		case time.Time:
			shown = value.UTC().Format("2006-01-02")
		case map[string]any:
			shown = fmt.Sprint(value["currency"])
		}
		fmt.Printf("%s\t%s\n", compatible, shown)
	}
}
GO
cat > "$folder/read.py" <<'PYTHON'
import base64
import io
import json
import sys

import avro.io
import avro.schema
import fastavro


def with_avro(old, new, content):
    return avro.io.DatumReader(avro.schema.parse(old), avro.schema.parse(new)).read(avro.io.BinaryDecoder(io.BytesIO(content)))


def with_fastavro(old, new, content):
    return fastavro.schemaless_reader(io.BytesIO(content), fastavro.parse_schema(json.loads(old)), fastavro.parse_schema(json.loads(new)))


def shown(read, old, new, content):
    try:
        value = read(old, new, content)["v"]
    except Exception as error:
        return type(error).__name__
    if isinstance(value, dict):
        return value.get("currency", "nothing")
    if hasattr(value, "date"):
        return str(value.date())
    return repr(value) if isinstance(value, bytes) or "\x07" in str(value) else str(value)


for name, old, new, content in json.load(open(sys.argv[1])):
    content = base64.b64decode(content)
    print(shown(with_avro, old, new, content), shown(with_fastavro, old, new, content), name, sep="\t")
PYTHON
{
    "$folder/venv/bin/python" "$folder/write.py" "$folder/told.json"
    java -cp "$folder/libs/*" "$folder/Read.java" "$folder/told.json" > "$folder/java"
    (cd "$folder/go" && export GOPATH="$folder/path" GOFLAGS=-mod=mod && go mod init finding && go get github.com/hamba/avro/v2@v2.31.0 &&
        go run . ../told.json > ../go.out)
    "$folder/venv/bin/python" "$folder/read.py" "$folder/told.json" > "$folder/python"
} 2> "$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
paste "$folder/java" "$folder/go.out" "$folder/python" |
    awk -F '\t' '{ printf "%s: compatible %s %s; %s, %s, %s, %s\n", $7, $1, $3, $2, $4, $5, $6 }' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
