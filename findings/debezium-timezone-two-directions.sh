#!/usr/bin/env bash
# Told a zone, Debezium's TimezoneConverter moves texts to it and numbers away from it, and has the wrong offset near changes of clocks.
#
# Versions: Debezium 3.7.0.Final, Kafka Connect 4.3.1, Java 17 with its compiler, Maven.
# A good guess: `converted.timezone=America/New_York` shows each time of a row as New York's clocks did, with the offset of that
# instant; columns with a zone (texts) and without one (numbers of milli-, micro- or nanoseconds) of one moment agree after it.
# What happens:
#   1. A text of 12:00 UTC becomes 07:00-05:00, a number of 12:00 becomes 17:00: taken as a clock of New York, and told in UTC.
#   2. The offset of a text is the one that New York has when *its* clocks show the hour that UTC shows. For some hours around each
#      change it is not New York's offset: the instant is kept, the local hour is another, and so may be the local day.
# Matters because: who reads the local day off the text counts uses around midnight for the day before or after, twice a year, and who
# compares a sign-up in one kind of column with a first use in the other finds them ten hours apart. Leave times as they are, and
# make local days where they are counted.
#
# Output seen:
#   2026-01-15T12:00:00Z: text 2026-01-15T07:00:00-05:00, number as UTC 2026-01-15T17:00:00Z, New York's clocks 2026-01-15T07:00-05:00
#   2026-07-15T12:00:00Z: text 2026-07-15T08:00:00-04:00, number as UTC 2026-07-15T16:00:00Z, New York's clocks 2026-07-15T08:00-04:00
#   2026-03-08T04:30:00Z: text 2026-03-08T00:30:00-04:00, number as UTC 2026-03-08T08:30:00Z, New York's clocks 2026-03-07T23:30-05:00
#   2026-11-01T04:30:00Z: text 2026-10-31T23:30:00-05:00, number as UTC 2026-11-01T09:30:00Z, New York's clocks 2026-11-01T00:30-04:00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>zones</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.debezium</groupId><artifactId>debezium-connector-postgres</artifactId><version>3.7.0.Final</version>
    </dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Shown.java" <<'JAVA'
import io.debezium.data.Envelope;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.ZonedTimestamp;
import io.debezium.transforms.TimezoneConverter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

class Shown {
    public static void main(String[] arguments) {
        ZoneId zone = ZoneId.of("America/New_York");
        Schema row = SchemaBuilder.struct().name("row").optional()
            .field("text", ZonedTimestamp.schema()).field("number", MicroTimestamp.schema()).build();
        Schema source = SchemaBuilder.struct().name("source").field("table", Schema.OPTIONAL_STRING_SCHEMA).build();
        Envelope envelope = Envelope.defineSchema().withName("uses.Envelope").withRecord(row).withSource(source).build();
        TimezoneConverter<SourceRecord> converter = new TimezoneConverter<>();
        converter.configure(Map.of("converted.timezone", zone.getId()));
        for (String text : arguments) {
            Instant used = Instant.parse(text);
            Struct values = new Struct(row).put("text", text).put("number", used.getEpochSecond() * 1_000_000);
            Struct change = envelope.create(values, new Struct(source).put("table", "uses"), used);
            SourceRecord record = new SourceRecord(Map.of(), Map.of(), "crm.public.uses", null, null, null, envelope.schema(), change);
            Struct shown = ((Struct) converter.apply(record).value()).getStruct("after");
            System.out.println(text + ": text " + shown.getString("text")
                + ", number as UTC " + Instant.ofEpochSecond(shown.getInt64("number") / 1_000_000)
                + ", New York's clocks " + used.atZone(zone).toOffsetDateTime());
        }
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Shown.java" 2026-01-15T12:00:00Z 2026-07-15T12:00:00Z 2026-03-08T04:30:00Z 2026-11-01T04:30:00Z \
    2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
