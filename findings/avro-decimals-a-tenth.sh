#!/usr/bin/env bash
# Apache's Avro for Python writes an amount of 10.0 as 1.00; the libraries for Go round a charge down and its refund up.
#
# Versions: avro 1.12.2 and fastavro 1.13.1 (PyPI), hamba/avro 2.31.0 and goavro 2.15.0 (Go), Avro for Java 1.12.2; Python 3.11, Go 1.26,
# Java 17 with its compiler, Maven.
# A good guess: a decimal of the schema's scale is what it was; one with fewer decimals gets zeros; one with more is
# refused, as the specification leaves no room for rounding.
# What happens: Java and fastavro do so. Apache's library for Python writes the digits as they are and forgets how many are behind
# the point: 10.0 becomes 1.00, 10 becomes 0.10, 1E+3 becomes 0.01, and only more decimals than in the schema are refused. Both
# libraries for Go cut what is too much towards minus infinity: 10.059 and -10.059 become 10.05 and -10.06.
# Matters because: what Python calls `price * quantity`, or reads from JSON as 10.0, has as many decimals as it happened to have; the
# revenue of such customers is a tenth or a hundredth, that of others right. With Go a charge and its refund leave a cent each.
# Quantize to the scale of the schema before it is written.
#
# Output seen:
#   10.05: java 10.05, avro 10.05, fastavro 10.05, hamba 10.05, goavro 10.05
#   10.0: java 10.00, avro 1.00, fastavro 10.00, hamba 10.00, goavro 10.00
#   10: java 10.00, avro 0.10, fastavro 10.00, hamba 10.00, goavro 10.00
#   1E+3: java 1000.00, avro 0.01, fastavro 1000.00, hamba 1000.00, goavro 1000.00
#   10.059: java refused, avro refused, fastavro refused, hamba 10.05, goavro 10.05
#   -10.059: java refused, avro refused, fastavro refused, hamba -10.06, goavro -10.06
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet avro==1.12.2 fastavro==1.13.1
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>decimals</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.2</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

# Each writes the amounts by its library and prints the bytes in hexadecimal: whole hundredths, read by nobody's library.
schema='{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}'
amounts="10.05 10.0 10 1E+3 10.059 -10.059"
cat > "$folder/Written.java" <<'JAVA'
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;

class Written {
    public static void main(String[] arguments) {
        Schema schema = new Schema.Parser().parse(arguments[0]);
        for (String amount : arguments[1].split(" ")) {
            try {
                ByteBuffer bytes = new Conversions.DecimalConversion().toBytes(new BigDecimal(amount), schema, schema.getLogicalType());
                System.out.println(HexFormat.of().formatHex(bytes.array()));
            } catch (AvroTypeException error) {
                System.out.println("refused");
            }
        }
    }
}
JAVA
mkdir "$folder/go"
cat > "$folder/go/written.go" <<'GO'
package main

import (
	"fmt"
	"math/big"
	"os"
	"strings"

	hamba "github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

func main() {
	schema := hamba.MustParse(os.Args[2])
	codec, _ := goavro.NewCodec(os.Args[2])
	for _, text := range strings.Split(os.Args[3], " ") {
		amount, _ := new(big.Rat).SetString(text)
		var bytes []byte
		var err error
		if os.Args[1] == "hamba" {
			bytes, err = hamba.Marshal(schema, amount)
		} else {
			bytes, err = codec.BinaryFromNative(nil, amount)
		}
		if err != nil {
			fmt.Println("refused")
		} else {
			fmt.Printf("%x\n", bytes[1:])
		}
	}
}
GO
(cd "$folder/go" && go mod init written && go get github.com/hamba/avro/v2@v2.31.0 github.com/linkedin/goavro/v2@v2.15.0 && go build -o written .) \
    > "$folder/log" 2>&1
cat > "$folder/written.py" <<'PY'
import io
import sys
from decimal import Decimal
from json import loads

import avro.errors
import avro.io
import avro.schema
import fastavro

library, schema, amounts = sys.argv[1:]
for amount in map(Decimal, amounts.split()):
    written = io.BytesIO()
    try:
        if library == "avro":
            avro.io.DatumWriter(avro.schema.parse(schema)).write(amount, avro.io.BinaryEncoder(written))
        else:
            fastavro.schemaless_writer(written, loads(schema), amount)
        print(written.getvalue()[1:].hex())
    except (avro.errors.AvroException, ValueError):
        print("refused")
PY

java -cp "$folder/libs/*" "$folder/Written.java" "$schema" "$amounts" > "$folder/java"
for library in avro fastavro; do "$folder/venv/bin/python" "$folder/written.py" $library "$schema" "$amounts" > "$folder/$library"; done
for library in hamba goavro; do "$folder/go/written" $library "$schema" "$amounts" > "$folder/$library.go"; done
python3 - "$folder" "$amounts" <<'PY' | tee "$folder/seen"
import pathlib
import sys
from decimal import Decimal

folder = pathlib.Path(sys.argv[1])
files = {"java": "java", "avro": "avro", "fastavro": "fastavro", "hamba": "hamba.go", "goavro": "goavro.go"}
lines = {library: (folder / file).read_text().split() for library, file in files.items()}


def amount(line):
    if line == "refused":
        return line
    return str(Decimal(int.from_bytes(bytes.fromhex(line), signed=True)).scaleb(-2))


for number, name in enumerate(sys.argv[2].split()):
    print(f"{name}: " + ", ".join(f"{library} {amount(of[number])}" for library, of in lines.items()))
PY
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
