#!/usr/bin/env bash
# A dead letter of Kafka Streams has neither key nor value where the record was sent to a topic before its error, and where it has, it is counted.
#
# Versions: Kafka Streams 4.3.1 with its TopologyTestDriver (Maven), Java 17; the handlers that log and continue, with
# `errors.dead.letter.queue.topic.name`.
# A good guess: a record in the dead letter queue is one that was not processed. It is there whole, with key, value, time and headers, so that
# it can be sent to its topic again when the code is mended, and counts then; that is what the queue is for.
# What happens:
#   1. A sink lets go of the record's bytes. If a stream is told to a topic first and counted next, letters from the counting have null as key
#      and as value; with the two lines of the program the other way round they are whole. Headers name topic, partition and offset.
#   2. Steps before the one that failed stay done: the sum is in its store. Of what failed nothing says which branch it was.
#   3. If the error is behind a sum, each later record of its key has it too, follows into the queue, and is counted.
# Matters because: the queue may be empty envelopes by the time that somebody looks, when the topic has been cleaned up; a record of null is a
# deletion where the queue is compacted. Sent again, letters make revenue too high; not sent again, the failed branch lacks them. Put
# steps that can fail before all that tells or keeps, and give records ids that are looked for where they are summed.
#
# Output seen (payments of 100, 20 and 3; what shows a sum fails for sums from 110 on, until it is mended):
#   told to a topic first: shown 100; dead letters null null of payments-0@1, null null of payments-0@2; the sum in its store 123
#   told to a topic last: shown 100; dead letters acct_19 20 of payments-0@1, acct_19 3 of payments-0@2; the sum in its store 123
#   mended, and the letters sent again: shown 143, 146
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>letters</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams-test-utils</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Letters.java" <<'JAVA'
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.test.TestRecord;

class Letters {
    static boolean mended;

    static Integer shown(Integer sum) {
        if (sum >= 110 && !mended) {
            throw new IllegalStateException("no format for such a sum");
        }
        return sum;
    }

    static void count(KStream<String, Integer> payments) {
        payments.groupByKey().reduce(Integer::sum, Materialized.as("sums")).toStream().mapValues(Letters::shown).to("shown");
    }

    static String header(Headers headers, String name) {
        return new String(headers.lastHeader("__streams.errors." + name).value());
    }

    static <T> String all(List<T> each, Function<T, String> text) {
        return each.isEmpty() ? "none" : each.stream().map(text).collect(Collectors.joining(", "));
    }

    static void run(boolean first) {
        mended = false;
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, Integer> payments = builder.stream("payments", Consumed.with(Serdes.String(), Serdes.Integer()));
        if (first) {
            payments.to("copy");
            count(payments);
        } else {
            count(payments);
            payments.to("copy");
        }
        Properties settings = new Properties();
        settings.put("application.id", "letters");
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("default.key.serde", Serdes.StringSerde.class);
        settings.put("default.value.serde", Serdes.IntegerSerde.class);
        settings.put("processing.exception.handler", LogAndContinueProcessingExceptionHandler.class);
        settings.put("errors.dead.letter.queue.topic.name", "letters");
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), settings)) {
            var in = driver.createInputTopic("payments", new StringSerializer(), new IntegerSerializer());
            var shown = driver.createOutputTopic("shown", new StringDeserializer(), new IntegerDeserializer());
            var letters = driver.createOutputTopic("letters", new StringDeserializer(), new IntegerDeserializer());
            for (int amount : new int[] {100, 20, 3}) {
                in.pipeInput("acct_19", amount);
            }
            List<TestRecord<String, Integer>> dead = letters.readRecordsToList();
            System.out.println("told to a topic " + (first ? "first" : "last") + ": shown " + all(shown.readValuesToList(), String::valueOf)
                + "; dead letters " + all(dead, letter -> letter.key() + " " + letter.value() + " of " + header(letter.headers(), "topic")
                    + "-" + header(letter.headers(), "partition") + "@" + header(letter.headers(), "offset"))
                + "; the sum in its store " + driver.getKeyValueStore("sums").get("acct_19"));
            if (!first) {
                mended = true;
                dead.forEach(letter -> in.pipeInput(letter.key(), letter.value()));
                System.out.println("mended, and the letters sent again: shown " + all(shown.readValuesToList(), String::valueOf));
            }
        }
    }

    public static void main(String[] arguments) {
        run(true);
        run(false);
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Letters.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
