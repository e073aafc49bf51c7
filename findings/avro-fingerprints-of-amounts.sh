#!/usr/bin/env bash
# An Avro schema with an amount or a time in it has three fingerprints by library, so that a message that names its schema by it is not read elsewhere.
#
# Versions: Avro for Java 1.12.2, hamba/avro 2.31.0 (Go), avro 1.12.2 and fastavro 1.13.1 (PyPI); Java 17 with its compiler, Maven, Go 1.26, Python 3.11.
# A good guess: the fingerprint is that of the canonical form, which the specification made so that one schema has one in all languages: without
# documentation, defaults, logical types and other attributes, with a type in its shortest words. A test by one schema shows that they agree.
# What happens:
#   1. Of records of plain types all agree. With a logical type hamba keeps it, its precision and scale; Apache's for Python drops it and leaves
#      `{"type": "bytes"}` where Java and fastavro have "bytes". It does so for any attribute, such as the `avro.java.string` of Java's own.
#   2. A record of no namespace within one that has one is in the outer one by Apache's for Python and hamba.
#   3. So a message of single-object encoding with a time in it, written by Java, is refused by Go with the same schema, and the other way round.
# Matters because: events have times and amounts, the example that is tried first has not. Stores that find a schema by its fingerprint have it twice
# or do not find it, and consumers of another language put aside what a topic without a registry brings. Have Java or fastavro
# make the fingerprint and hand it on, or name schemas by a number of a registry.
#
# Output seen (CRC-64-AVRO, least significant byte first, as messages have it; a message with plain is one with a whole number):
#   plain: Java b2de49f07c9d3956, fastavro b2de49f07c9d3956, avro b2de49f07c9d3956, hamba b2de49f07c9d3956
#   a time: Java b2de49f07c9d3956, fastavro b2de49f07c9d3956, avro 249477d6367269ee, hamba 5d56213eb9688d44
#   an amount: Java 4e810b0672adbffa, fastavro 4e810b0672adbffa, avro 4739d9f4a53836ca, hamba 2d526f41b917288c
#   a text of Java: Java 32584f8d7aa9e73d, fastavro 32584f8d7aa9e73d, avro 3cdf0ae75e0bf27c, hamba 32584f8d7aa9e73d
#   no namespace within: Java cad14af075d97742, fastavro cad14af075d97742, avro beebd43adfb8da11, hamba beebd43adfb8da11
#   a message with plain, written by Java: read by Go
#   a message with a time, written by Java: refused by Go
#   a message with plain, written by Go: read by Java
#   a message with a time, written by Go: MissingSchemaException by Java
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder" && rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>fingerprints</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.2</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check avro==1.12.2 fastavro==1.13.1
cat > "$folder/schemas" <<'SCHEMAS'
plain	{"type":"record","name":"Event","namespace":"shop","doc":"A use.","fields":[{"name":"v","type":"long","default":0}]}
a time	{"type":"record","name":"Event","namespace":"shop","fields":[{"name":"v","type":{"type":"long","logicalType":"timestamp-millis"}}]}
an amount	{"type":"record","name":"Event","namespace":"shop","fields":[{"name":"v","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}}]}
a text of Java	{"type":"record","name":"Event","namespace":"shop","fields":[{"name":"v","type":{"type":"string","avro.java.string":"String"}}]}
no namespace within	{"type":"record","name":"Event","namespace":"shop","fields":[{"name":"v","type":{"type":"record","name":"Plan","namespace":"","fields":[]}}]}
SCHEMAS

cat > "$folder/Prints.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;

class Prints {
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        for (String line : Files.readAllLines(folder.resolve("schemas"))) {
            String name = line.split("\t")[0];
            Schema schema = new Schema.Parser().parse(line.split("\t")[1]);
            if (arguments[1].equals("print")) {
                System.out.println(HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint("CRC-64-AVRO", schema)));
            } else if (schema.getFields().get(0).schema().getType() == Schema.Type.LONG) {
                GenericRecord event = new GenericRecordBuilder(schema).set("v", 1796083200000L).build();
                Path own = folder.resolve(name + ".java"), other = folder.resolve(name + ".go");
                if (arguments[1].equals("write")) {
                    var bytes = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(event);
                    Files.write(own, java.util.Arrays.copyOf(bytes.array(), bytes.limit()));
                    continue;
                }
                String seen;
                try {
                    seen = new BinaryMessageDecoder<GenericRecord>(GenericData.get(), schema).decode(Files.readAllBytes(other)).equals(event) ? "read" : "another";
                } catch (Exception error) {
                    seen = error.getClass().getSimpleName();
                }
                System.out.println("a message with " + name + ", written by Go: " + seen + " by Java");
            }
        }
    }
}
JAVA
mkdir "$folder/go"
cat > "$folder/go/main.go" <<'GO'
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/hamba/avro/v2/soe"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	folder := os.Args[1]
	text, err := os.ReadFile(filepath.Join(folder, "schemas"))
	check(err)
	messages := ""
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, words, _ := strings.Cut(line, "\t")
		schema, err := avro.ParseWithCache(words, "", &avro.SchemaCache{})
		check(err)
		print, err := schema.FingerprintUsing(avro.CRC64AvroLE)
		check(err)
		fmt.Printf("%x\n", print)
		event := map[string]any{"v": int64(1796083200000)}
		if name == "a time" {
			event["v"] = time.UnixMilli(1796083200000)
		} else if name != "plain" {
			continue
		}
		codec, err := soe.NewCodec(schema)
		check(err)
		content, err := codec.Encode(event)
		check(err)
		check(os.WriteFile(filepath.Join(folder, name+".go"), content, 0o600))
		content, err = os.ReadFile(filepath.Join(folder, name+".java"))
		check(err)
		seen := map[string]any{}
		told := "read"
		if codec.Decode(content, &seen) != nil {
			told = "refused"
		}
		messages += fmt.Sprintf("a message with %s, written by Java: %s by Go\n", name, told)
	}
	check(os.WriteFile(filepath.Join(folder, "messages"), []byte(messages), 0o600))
}
GO
cat > "$folder/prints.py" <<'PYTHON'
import json
import sys

import avro.schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

for line in open(sys.argv[1]):
    text = line.split("\t")[1]
    print(fingerprint(to_parsing_canonical_form(json.loads(text)), "CRC-64-AVRO"), avro.schema.parse(text).fingerprint("CRC-64-AVRO").hex(), sep="\t")
PYTHON
{
    java -cp "$folder/libs/*" "$folder/Prints.java" "$folder" write
    (cd "$folder/go" && export GOPATH="$folder/path" GOFLAGS=-mod=mod && go mod init finding && go get github.com/hamba/avro/v2@v2.31.0 &&
        go run . "$folder" > ../go.prints)
    java -cp "$folder/libs/*" "$folder/Prints.java" "$folder" print > "$folder/java.prints"
    java -cp "$folder/libs/*" "$folder/Prints.java" "$folder" read >> "$folder/messages"
    "$folder/venv/bin/python" "$folder/prints.py" "$folder/schemas" > "$folder/python.prints"
} 2> "$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
{
    paste <(cut -f 1 "$folder/schemas") "$folder/java.prints" "$folder/python.prints" "$folder/go.prints" |
        awk -F '\t' '{ printf "%s: Java %s, fastavro %s, avro %s, hamba %s\n", $1, $2, $3, $4, $5 }'
    cat "$folder/messages"
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
