#!/usr/bin/env bash
# A use every 30 minutes is one session a day or 48 of them, where sessions end after 30 minutes, and a single use lasts 30 minutes or none.
#
# Versions: Flink 2.3.0, Kafka Streams 4.3.1 with its TopologyTestDriver (Maven), Java 17; Apache Beam 2.77.0, Bytewax 0.21.1, Pathway 0.33.0,
# Python 3.11.
# A good guess: windows are half open in all of these engines, so a use at exactly the gap is outside of the session before; Kafka Streams,
# whose differences are inclusive, is the one exception. A session lasts from its first use to its last one.
# What happens: Flink, Kafka Streams and Bytewax join what is exactly the gap apart, Beam and Pathway do not. In Flink and Beam a session
# ends a gap after its last use, in the three others with it, so that the lengths differ by the gap in each kind.
# Matters because: beats of an application come at round intervals, and times that are kept in minutes or seconds meet the gap often. Sessions
# and their lengths are not comparable between engines that were told the same, nor before and after a move. Set the gap
# a second beside what beats, and take the length from the uses.
#
# Output seen (a use each 30 minutes for 24 hours, and one two days later; sessions, with their length in minutes):
#   flink: 1 of 1470, 1 of 30
#   kafka streams: 1 of 1440, 1 of 0
#   bytewax: 1 of 1440, 1 of 0
#   beam: 50 of 30
#   pathway: 50 of 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

libraries() { # the folder, then group:artifact:version
    mkdir "$folder/$1"
    {
        echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        echo '<groupId>finding</groupId><artifactId>sessions</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
        for each in "${@:2}" org.slf4j:slf4j-nop:1.7.36; do
            IFS=: read -r group name version <<< "$each"
            echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
        done
        echo '</dependencies></project>'
    } > "$folder/$1/pom.xml"
    mvn -B -q -f "$folder/$1/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/$1" > "$folder/log" 2>&1
}

flink=()
for name in table-api-java-bridge table-planner-loader table-runtime clients connector-files json; do
    flink+=("org.apache.flink:flink-$name:2.3.0")
done
libraries flink "${flink[@]}"
libraries streams org.apache.kafka:kafka-streams-test-utils:4.3.1

cat > "$folder/Flink.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

class Flink {
    public static void main(String[] minutes) throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.getConfig().set("parallelism.default", "1");
        StringBuilder lines = new StringBuilder();
        DateTimeFormatter format = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
        for (String minute : minutes) {
            String time = LocalDateTime.of(2026, 3, 1, 0, 0).plusMinutes(Long.parseLong(minute)).format(format);
            lines.append("{\"who\":\"a\",\"t\":\"").append(time).append("\"}\n");
        }
        Path file = Files.writeString(Path.of(System.getProperty("folder"), "uses.json"), lines);
        tables.executeSql("CREATE TABLE uses (who STRING, t TIMESTAMP(3), WATERMARK FOR t AS t) WITH ('connector' = 'filesystem',"
            + " 'path' = '" + file.toUri() + "', 'format' = 'json')");
        String sessions = "SELECT window_start, window_end, COUNT(*) FROM SESSION(TABLE uses PARTITION BY who, DESCRIPTOR(t),"
            + " INTERVAL '30' MINUTES) GROUP BY who, window_start, window_end";
        try (var found = tables.executeSql(sessions).collect()) {
            found.forEachRemaining(row -> System.out.println(
                Duration.between((LocalDateTime) row.getField(0), (LocalDateTime) row.getField(1)).toMinutes()));
        }
    }
}
JAVA

cat > "$folder/Streams.java" <<'JAVA'
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.SessionWindows;

class Streams {
    public static void main(String[] minutes) {
        Map<Long, Long> sessions = new TreeMap<>();
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("uses", Consumed.with(Serdes.String(), Serdes.String())).groupByKey()
            .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMinutes(30))).count().toStream()
            .foreach((session, count) -> {
                if (count != null) {
                    sessions.put(session.window().start(), session.window().end());
                }
            });
        Properties settings = new Properties();
        settings.put("application.id", "sessions");
        settings.put("bootstrap.servers", "localhost:1");
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), settings)) {
            var uses = driver.createInputTopic("uses", new StringSerializer(), new StringSerializer());
            for (String minute : minutes) {
                uses.pipeInput("a", "used", Instant.parse("2026-03-01T00:00:00Z").plusSeconds(60 * Long.parseLong(minute)));
            }
        }
        sessions.forEach((start, end) -> System.out.println((end - start) / 60_000));
    }
}
JAVA

cat > "$folder/beam.py" <<'PY'
import sys

import apache_beam
from apache_beam.transforms import window

BEGIN = 1772323200


class Tell(apache_beam.DoFn):
    def process(self, _, session=apache_beam.DoFn.WindowParam):
        print((session.end - session.start).micros // 60_000_000)


with apache_beam.Pipeline(runner="BundleBasedDirectRunner") as pipeline:
    (
        pipeline
        | apache_beam.Create([BEGIN + 60 * int(minute) for minute in sys.argv[1:]])
        | apache_beam.Map(lambda time: window.TimestampedValue(("a", 1), time))
        | apache_beam.WindowInto(window.Sessions(30 * 60))
        | apache_beam.CombinePerKey(sum)
        | apache_beam.ParDo(Tell())
    )
PY

cat > "$folder/waxed.py" <<'PY'
import sys
from datetime import datetime, timedelta, timezone

import bytewax.operators as op
import bytewax.operators.windowing as windows
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

begin = datetime(2026, 3, 1, tzinfo=timezone.utc)
sessions, flow = [], Dataflow("sessions")
uses = op.input("uses", flow, TestingSource([("a", begin + timedelta(minutes=int(minute))) for minute in sys.argv[1:]]))
clock = windows.EventClock(lambda time: time, wait_for_system_duration=timedelta(0))
found = windows.collect_window("windows", uses, clock, windows.SessionWindower(gap=timedelta(minutes=30)))
op.output("out", found.meta, TestingSink(sessions))
run_main(flow)
for _, (_, session) in sessions:
    print((session.close_time - session.open_time) // timedelta(minutes=1))
PY

cat > "$folder/pathed.py" <<'PY'
import sys
from datetime import datetime, timedelta

import pathway
import pandas

begin = datetime(2026, 3, 1)
uses = pathway.debug.table_from_pandas(
    pandas.DataFrame({"time": [begin + timedelta(minutes=int(minute)) for minute in sys.argv[1:]]})
)
sessions = uses.windowby(
    uses.time, window=pathway.temporal.session(max_gap=timedelta(minutes=30))
).reduce(start=pathway.this._pw_window_start, end=pathway.this._pw_window_end)
for row in pathway.debug.table_to_pandas(sessions).itertuples():
    print((row.end - row.start) // timedelta(minutes=1))
PY

minutes=($(seq 0 30 1440) 4320)
tell() { # the engine's name; each session's length is read
    echo "$1: $(sort -rn | uniq -c | awk '{print $1 " of " $2}' | paste -sd, | sed 's/,/, /g')"
}
installed() { # the package and its version
    python3 -m venv "$folder/${1%%=*}"
    "$folder/${1%%=*}/bin/pip" install --quiet "$1"
}
{
    open="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
    java $open -Dfolder="$folder" -cp "$folder/flink/*" "$folder/Flink.java" "${minutes[@]}" 2> "$folder/log" | tell flink
    java -cp "$folder/streams/*" "$folder/Streams.java" "${minutes[@]}" 2> "$folder/log" | tell "kafka streams"
    installed bytewax==0.21.1
    "$folder/bytewax/bin/python" - "${minutes[@]}" < "$folder/waxed.py" | tell bytewax
    installed apache-beam==2.77.0
    "$folder/apache-beam/bin/python" "$folder/beam.py" "${minutes[@]}" 2> "$folder/log" | tell beam
    installed pathway==0.33.0
    "$folder/pathway/bin/python" - "${minutes[@]}" < "$folder/pathed.py" 2> "$folder/log" | tell pathway
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
