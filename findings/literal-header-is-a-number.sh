#!/usr/bin/env bash
# Kafka Connect's InsertHeader writes another text than the literal that it was given: `1.0` becomes `1`.
#
# Versions: Kafka Connect 4.3.1, Java 17 with its compiler, Maven.
# A good guess: `value.literal` is the value, and SimpleHeaderConverter, the default, writes it as it stands.
# What happens: the literal is read as the value that it looks like, and that one is written: a number without its zeros, a
# list in another spelling. In quotes within the literal it stays as it is, and the quotes are written with it.
# Matters because: the version of CloudEvents is `1.0`, and who asks for it refuses `1`. It has to come from the record.
#
# Output seen:
#   1.0 -> 1
#   007 -> 7
#   1e3 -> 1000
#   [1.0] -> [1]
#   v1.0 -> v1.0
#   "1.0" -> "1.0"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>header</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Inserted.java" <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.transforms.InsertHeader;

class Inserted {
    public static void main(String[] arguments) throws java.io.IOException {
        for (String literal : new String[] {"1.0", "007", "1e3", "[1.0]", "v1.0", "\"1.0\""}) {
            try (InsertHeader<SourceRecord> insert = new InsertHeader<>(); SimpleHeaderConverter converter = new SimpleHeaderConverter()) {
                insert.configure(Map.of("header", "version", "value.literal", literal));
                converter.configure(Map.of("converter.type", "header"));
                SourceRecord record = new SourceRecord(Map.of(), Map.of(), "t", null, null);
                Header header = insert.apply(record).headers().lastWithName("version");
                byte[] written = converter.fromConnectHeader("t", "version", header.schema(), header.value());
                System.out.println(literal + " -> " + new String(written));
            }
        }
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Inserted.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
