#!/usr/bin/env bash
# A survey is told as unanswered and then as answered: a left join takes what is later than the grace after it told the left side alone.
#
# Versions: Kafka Streams 4.3.1 with its TopologyTestDriver (Maven), Java 17; its clock advanced, so that what is told each second is told.
# A good guess: since 3.1 a left join of streams tells a pair, or the left side alone once its window and the grace are over, never
# both; what is later than the grace is dropped, which is what the grace is for.
# What happens: with `ofTimeDifferenceAndGrace(10 minutes, 5 minutes)` the left side alone is told once time is 15 minutes past it. But it
# stays in its store for 25 minutes, the window on both sides and the grace, and is joined with what comes until then: the second
# result is of a record that is up to 15 minutes late here, at a grace of 5.
# With `.before(Duration.ZERO)`, right where an answer cannot come first, it stays for 15 minutes, and one result is told.
# Matters because: surveys without an answer, tickets without a reply and trials without a purchase are counted on such a join; each late
# record is counted on both sides.
#
# Output seen (a survey of 10:00, its answer of 10:09):
#   read when it is 10:14: answered
#   read when it is 10:16: no answer, answered
#   read when it is 10:24: no answer, answered
#   read when it is 10:25: no answer
#   read when it is 10:16, answers after surveys only: no answer
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>answered</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams-test-utils</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Answered.java" <<'JAVA'
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;

class Answered {
    static final Serde<String> TEXT = Serdes.String();
    static final Consumed<String, String> READ = Consumed.with(TEXT, TEXT);

    // Each record is its topic, its time, its key and its value.
    static void told(String what, Consumer<StreamsBuilder> topology, String... records) {
        StreamsBuilder builder = new StreamsBuilder();
        topology.accept(builder);
        Properties settings = new Properties();
        settings.put("application.id", "finding");
        settings.put("bootstrap.servers", "127.0.0.1:1");
        settings.put("state.dir", System.getProperty("folder"));
        List<String> seen = new ArrayList<>();
        try (var driver = new TopologyTestDriver(builder.build(), settings)) {
            for (String record : records) {
                String[] part = record.split(" ");
                var in = driver.createInputTopic(part[0], new StringSerializer(), new StringSerializer());
                in.pipeInput(part[2], part[3], Instant.parse("2026-03-" + part[1] + ":00Z"));
                driver.advanceWallClockTime(Duration.ofSeconds(5));
            }
            var out = driver.createOutputTopic("out", new StringDeserializer(), new StringDeserializer());
            out.readKeyValuesToList().stream().filter(pair -> pair.key.startsWith("u")).forEach(pair -> seen.add(pair.value));
        }
        System.out.println(what + ": " + (seen.isEmpty() ? "nothing" : String.join(", ", seen)));
    }

    static Consumer<StreamsBuilder> answered(JoinWindows window) {
        ValueJoiner<String, String, String> told = (sent, answer) -> answer == null ? "no answer" : "answered";
        return builder -> builder.stream("sent", READ)
            .leftJoin(builder.stream("answers", READ), told, window, StreamJoined.with(TEXT, TEXT, TEXT))
            .to("out", Produced.with(TEXT, TEXT));
    }

    public static void main(String[] arguments) {
        var window = JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(10), Duration.ofMinutes(5));
        String[] records = {"sent 01T10:00 u x", "", "answers 01T10:09 u x"};
        for (String at : List.of("10:14", "10:16", "10:24", "10:25")) {
            records[1] = "sent 01T" + at + " z x";
            told("read when it is " + at, answered(window), records);
        }
        records[1] = "sent 01T10:16 z x";
        told("read when it is 10:16, answers after surveys only", answered(window.before(Duration.ZERO)), records);
    }
}
JAVA

java -Dfolder="$folder/state" -cp "$folder/libs/*" "$folder/Answered.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
