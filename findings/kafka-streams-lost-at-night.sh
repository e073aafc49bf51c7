#!/usr/bin/env bash
# The last session before a quiet hour is never told, if sessions are told when they close.
#
# Versions: Kafka Streams 4.3.1 with its TopologyTestDriver (Maven), Java 17; its clock advanced, so that what is told each second is told.
# A good guess: `emitStrategy(onWindowClose())` tells each session once, with the first record that is later than its end, gap and
# grace, however much later that is; as `suppress(untilWindowCloses)` does.
# What happens: a closed session is looked for in its store after the new record has moved the time there, and the store keeps gap and
# grace, in segments of half of that. If time goes on in small steps sessions are found; if it jumps, as over a night,
# all that closed meanwhile is gone, without a word. `suppress` tells it. So does onWindowClose with a `Materialized.withRetention`
# that is longer than the longest silence. So it is with sliding windows; those of a fixed length are told.
# Matters because: logins and uses have nights and Sundays, and a partition of few accounts has many. Sessions by day, their length and
# uses by session leave out the last ones of each evening, and a replay, where time moves in other steps, has others.
#
# Output seen (two uses at 20:00 and 20:10, gap and grace of 30 minutes each, later records of another key):
#   onWindowClose, next record at 21:11: u 20:00-20:10 2 uses
#   onWindowClose, next record at 21:31: nothing
#   onWindowClose, next record at 08:00 of the next day: nothing
#   onWindowClose with a retention of 2 days, the same: u 20:00-20:10 2 uses
#   suppress, the same: u 20:00-20:10 2 uses
#   onWindowClose of sliding windows, the same: nothing
#   onWindowClose of hours, the same: u 20:00-21:00 2 uses
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>night</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams-test-utils</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Night.java" <<'JAVA'
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
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.SessionStore;

class Night {
    static final Serde<String> TEXT = Serdes.String();
    static final Consumed<String, String> READ = Consumed.with(TEXT, TEXT);
    static final String[] EVENING = {"uses 01T20:00 u x", "uses 01T20:10 u x"};

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

    static String span(Windowed<String> session, Long uses) {
        String begin = session.window().startTime().toString().substring(11, 16);
        return session.key() + " " + begin + "-" + session.window().endTime().toString().substring(11, 16) + " " + uses + " uses";
    }

    static Consumer<StreamsBuilder> sessions(boolean suppressed, Duration retention) {
        Materialized<String, Long, SessionStore<Bytes, byte[]>> stored = Materialized.with(TEXT, Serdes.Long());
        Duration half = Duration.ofMinutes(30);
        return builder -> {
            KTable<Windowed<String>, Long> counts = builder.stream("uses", READ).groupByKey(Grouped.with(TEXT, TEXT))
                .windowedBy(SessionWindows.ofInactivityGapAndGrace(half, half))
                .emitStrategy(suppressed ? EmitStrategy.onWindowUpdate() : EmitStrategy.onWindowClose())
                .count(retention == null ? stored : stored.withRetention(retention));
            if (suppressed) {
                counts = counts.suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()));
            }
            counts.toStream().map((session, uses) -> new KeyValue<>(session.key(), span(session, uses)))
                .to("out", Produced.with(TEXT, TEXT));
        };
    }

    static Consumer<StreamsBuilder> windows(boolean sliding) {
        Duration half = Duration.ofMinutes(30);
        return builder -> {
            var uses = builder.stream("uses", READ).groupByKey(Grouped.with(TEXT, TEXT));
            var windowed = sliding ? uses.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(half, half))
                : uses.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofHours(1), half));
            windowed.emitStrategy(EmitStrategy.onWindowClose()).count(Materialized.with(TEXT, Serdes.Long())).toStream()
                .map((window, count) -> new KeyValue<>(window.key(), span(window, count))).to("out", Produced.with(TEXT, TEXT));
        };
    }

    public static void main(String[] arguments) {
        String later = "uses 02T12:00 z x";
        for (String at : List.of("21:11", "21:31")) {
            told("onWindowClose, next record at " + at, sessions(false, null), EVENING[0], EVENING[1], "uses 01T" + at + " z x", later);
        }
        String[] night = {EVENING[0], EVENING[1], "uses 02T08:00 z x", later};
        told("onWindowClose, next record at 08:00 of the next day", sessions(false, null), night);
        told("onWindowClose with a retention of 2 days, the same", sessions(false, Duration.ofDays(2)), night);
        told("suppress, the same", sessions(true, null), night);
        told("onWindowClose of sliding windows, the same", windows(true), night);
        told("onWindowClose of hours, the same", windows(false), night);
    }
}
JAVA

java -Dfolder="$folder/state" -cp "$folder/libs/*" "$folder/Night.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
