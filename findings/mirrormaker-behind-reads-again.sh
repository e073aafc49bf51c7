#!/usr/bin/env bash
# A group that is 100,000 records behind reads 80,799 of them again after it moved to MirrorMaker's copy, at `offset.lag.max=100`, or has no offset there.
#
# Versions: MirrorMaker 2 of Kafka 4.3.1 (connect-mirror; Maven), Java 17 with its compiler. No broker: its store of offset syncs is told a sync
# each 100 records, as the source connector tells them at least, and asked as the checkpoint connector asks it.
# A good guess: `offset.lag.max`, 100 by default, is how far a copied partition may be out of step before a pair of offsets is told, so a
# group's offset on the copy is at most that much too low, wherever the group stands.
# What happens: of all pairs it keeps 64, close together at the end of the log and ever wider apart behind. What is read again is
# up to as much as the group is behind. The topic of pairs is compacted: after a restart of MirrorMaker the last pair is left, and for
# a group before it there is no offset at all until it has caught up; a group that moves then starts where `auto.offset.reset` says.
# Matters because: a move to the copy is made in an emergency, when readers are behind. A reader that counts without looking at ids
# counts a large part of what it had counted again, and one with `latest` skips all that it had not read.
# Figures made from the log by id, or replays from the beginning, are not concerned.
#
# Output seen (a million records, all of them copied):
#   running, 0 behind: reads 0 again
#   running, 50 behind: reads 49 again
#   running, 1000 behind: reads 599 again
#   running, 10000 behind: reads 4399 again
#   running, 100000 behind: reads 80799 again
#   running, 700000 behind: reads 299999 again
#   restarted, 10000 records ago, 0 behind: reads 0 again
#   restarted, 10000 records ago, 5000 behind: reads 4999 again
#   restarted, 10000 records ago, 10001 behind: no offset
#   restarted, 10000 records ago, 100000 behind: no offset
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>mirror</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Moved.java" <<'JAVA'
package org.apache.kafka.connect.mirror; // the store is not public

import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

class Moved extends OffsetSyncStore {
    static final TopicPartition EVENTS = new TopicPartition("events", 0);

    @Override
    void backingStoreStart() {
        // What the topic of pairs has is told by `told`.
    }

    void told(long from, long until) {
        for (long offset = from; offset <= until; offset += 100) {
            OffsetSync pair = new OffsetSync(EVENTS, offset, offset);
            handleRecord(new ConsumerRecord<>("pairs", 0, 0, pair.recordKey(), pair.recordValue()));
        }
    }

    void ask(String title, long end, long... behind) {
        for (long distance : behind) {
            long offset = end - distance;
            OptionalLong copied = translateDownstream("kpis", EVENTS, offset);
            // The checkpoint connector leaves out what is negative: it cannot be told exactly enough.
            String told = copied.isEmpty() || copied.getAsLong() < 0 ? "no offset" : "reads " + (offset - copied.getAsLong()) + " again";
            System.out.println(title + ", " + distance + " behind: " + told);
        }
    }

    public static void main(String[] arguments) {
        Moved running = new Moved();
        running.start(true);
        running.told(0, 1_000_000);
        running.ask("running", 1_000_000, 0, 50, 1000, 10_000, 100_000, 700_000);
        Moved restarted = new Moved();
        restarted.told(990_000, 990_000); // the last pair before the restart, which compaction keeps
        restarted.start(true);
        restarted.told(990_100, 1_000_000);
        restarted.ask("restarted, 10000 records ago", 1_000_000, 0, 5000, 10_001, 100_000);
    }
}
JAVA
javac -cp "$folder/libs/*" -d "$folder/classes" "$folder/Moved.java"
java -cp "$folder/classes:$folder/libs/*" org.apache.kafka.connect.mirror.Moved 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
