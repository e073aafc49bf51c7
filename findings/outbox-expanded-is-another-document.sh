#!/usr/bin/env bash
# Debezium's outbox transform, told to expand JSON, sends another document than was written, or ends its task.
#
# Versions: Debezium 3.7.0.Final, Kafka Connect 4.3.1 (JsonConverter without schemas), Java 17 with its compiler, Maven.
# A good guess: `table.expand.json.payload=true` turns the text of the outbox's column into the same JSON, so that readers get
# a document and not a text within quotes. What has no schema of its own is refused by name, or stays as it was.
# What happens: a schema is guessed from each document. Empty lists and nulls are left out, without a word; they stay with
# two further settings, of which the one for lists makes other valid documents end the task. A list of whole and broken
# numbers makes one JSON text of the whole document. A field that one object of a list has, the others get as null. A number
# above 64 bits, and a field that is a number in one object of a list and a text in the next, end the task: it starts again
# at the same row, so nothing after it is sent until somebody removes it from the log.
# Matters because: `"items": []`, none, becomes no word about items, which is what they were before.
# The way around: StringConverter and no expanding, which sends the text of the column as it is.
#
# Output seen:
#   expanded: {"items":[],"left":null,"n":1} -> {"n":1}
#   expanded: {"rates":[1,2.5]} -> "{\"rates\":[1,2.5]}"
#   expanded: {"lines":[{"a":1},{"b":2}]} -> {"lines":[{"a":1,"b":null},{"a":null,"b":2}]}
#   expanded: {"n":12345678901234567890} -> ends
#   expanded: {"lines":[{"a":1},{"a":"x"}]} -> ends
#   expanded: {"lines":[{"a":[]},{"a":[1]}]} -> {"lines":[{"a":[]},{"a":[1]}]}
#   with both settings: {"items":[],"left":null,"n":1} -> {"items":[],"left":null,"n":1}
#   with both settings: {"lines":[{"a":[]},{"a":[1]}]} -> ends
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>outbox</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.debezium</groupId><artifactId>debezium-connector-postgres</artifactId><version>3.7.0.Final</version>
    </dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Expanded.java" <<'JAVA'
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.debezium.transforms.outbox.EventRouter;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;

class Expanded {
    static final Schema ROW = SchemaBuilder.struct().name("row")
            .field("id", Schema.STRING_SCHEMA).field("aggregatetype", Schema.STRING_SCHEMA)
            .field("aggregateid", Schema.STRING_SCHEMA).field("payload", Schema.STRING_SCHEMA).build();
    static final Schema CHANGE = SchemaBuilder.struct().name("outbox.Envelope")
            .field("after", ROW).field("op", Schema.STRING_SCHEMA).field("ts_ms", Schema.INT64_SCHEMA).build();

    /** Fields by name: their order is another at each run. */
    static final ObjectMapper ORDERED = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    static String sent(Map<String, String> more, String payload) throws java.io.IOException {
        Map<String, String> settings = new TreeMap<>(more);
        settings.put("table.expand.json.payload", "true");
        Struct row = new Struct(ROW).put("id", "1").put("aggregatetype", "a").put("aggregateid", "k").put("payload", payload);
        Struct change = new Struct(CHANGE).put("after", row).put("op", "c").put("ts_ms", 1L);
        try (EventRouter<SourceRecord> router = new EventRouter<>(); JsonConverter converter = new JsonConverter()) {
            router.configure(settings);
            converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
            SourceRecord record = router.apply(new SourceRecord(Map.of(), Map.of(), "t", CHANGE, change));
            byte[] value = converter.fromConnectData(record.topic(), record.valueSchema(), record.value());
            return ORDERED.writeValueAsString(ORDERED.readValue(value, Object.class));
        } catch (ConnectException error) {
            return "ends";
        }
    }

    public static void main(String[] arguments) throws java.io.IOException {
        Map<String, String> both = Map.of(
                "table.json.payload.null.behavior", "optional_bytes",
                "table.json.payload.empty.array.behavior", "optional_string");
        String none = "{\"items\":[],\"left\":null,\"n\":1}";
        String lists = "{\"lines\":[{\"a\":[]},{\"a\":[1]}]}";
        String[] documents = {none, "{\"rates\":[1,2.5]}", "{\"lines\":[{\"a\":1},{\"b\":2}]}",
                "{\"n\":12345678901234567890}", "{\"lines\":[{\"a\":1},{\"a\":\"x\"}]}", lists};
        for (String document : documents) {
            System.out.println("expanded: " + document + " -> " + sent(Map.of(), document));
        }
        for (String document : new String[] {none, lists}) {
            System.out.println("with both settings: " + document + " -> " + sent(both, document));
        }
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Expanded.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
