#!/usr/bin/env bash
# Kafka Connect's JsonConverter reads a whole number above 64 bits as another number, without a word.
#
# Versions: Kafka Connect 4.3.1 (JsonConverter without schemas), Java 17 with its compiler, Maven.
# A good guess: a JSON number that has no place in a long is refused, as the same converter refuses broken JSON, or becomes a
# double, or a decimal, so that it is at worst unsharp.
# What happens: it is cut to its lowest 64 bits. 2^63 becomes -2^63, 12345678901234567890 a negative number, and 2^64 + 1
# becomes 1: the id of somebody else. A fraction becomes a double whatever `decimal.format` says, and 1e400 the text "Infinity".
# Matters because: hashes and ids of services written in Go, Rust or C++ are unsigned, half of them above 2^63. A connector or
# transform between the log and a warehouse, an index or another topic so tells other customers than the log does, and the
# figures that count them differ. As texts they pass; so do they with StringConverter or ByteArrayConverter.
#
# Output seen:
#   {"id":9223372036854775807} -> {"id":9223372036854775807}
#   {"id":9223372036854775808} -> {"id":-9223372036854775808}
#   {"id":12345678901234567890} -> {"id":-6101065172474983726}
#   {"id":18446744073709551617} -> {"id":1}
#   {"id":"18446744073709551617"} -> {"id":"18446744073709551617"}
#   {"amount":1234567890.123456789} -> {"amount":1.2345678901234567E9}
#   {"amount":1e400} -> {"amount":"Infinity"}
#   {"amount" -> refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>numbers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Numbers.java" <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;

class Numbers {
    public static void main(String[] arguments) {
        String[] texts = {
            "{\"id\":9223372036854775807}", "{\"id\":9223372036854775808}", "{\"id\":12345678901234567890}",
            "{\"id\":18446744073709551617}", "{\"id\":\"18446744073709551617\"}", "{\"amount\":1234567890.123456789}",
            "{\"amount\":1e400}", "{\"amount\""};
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("converter.type", "value", "schemas.enable", "false", "decimal.format", "NUMERIC"));
        for (String text : texts) {
            String passed = "refused";
            try {
                SchemaAndValue read = converter.toConnectData("t", text.getBytes());
                passed = new String(converter.fromConnectData("t", read.schema(), read.value()));
            } catch (DataException refused) {
                // `passed` says it.
            }
            System.out.println(text + " -> " + passed);
        }
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Numbers.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
