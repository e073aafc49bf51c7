#!/usr/bin/env bash
# A date that Kafka Connect's Cast makes a text is the day before, a time is five hours early with a Z behind it; microseconds move a time by minutes.
#
# Versions: Kafka's connect-transforms 4.3.1 (Maven), Java 17, a machine in New York.
# A good guess: dates and times are without a zone in Connect, kept and shown as UTC, and a Z says so; what does not fit its new type is an error, as it
# is for a text. TimestampConverter refuses what does not match its format, so that the text is right where it passes.
# What happens:
#   1. Cast to `string` shows dates and times by the clock of the machine, with a literal Z: west of Greenwich each date is that of the day before. Cast to
#      `int64` of the same values is right, and so is TimestampConverter.
#   2. Whole numbers are cut to their bits: 3000000000 is -1294967296, and a time in milliseconds another number; the same amount as a floating-point number is
#      2147483647. NaN is 0. The text 7.9 is refused.
#   3. The texts "1" and "yes" are false, the number 1 is true, 0.5 is false.
#   4. TimestampConverter reads by SimpleDateFormat, leniently: six digits of a second are so many milliseconds, `.5` is 5 of them; 30 February is 2 March, the 30th
#      month is two years later; an offset that the format does not name is dropped with all else that follows. Written with six digits, 123 ms are 123 µs.
# Matters because: both come with Kafka and are how columns of a database become fields of events, without code. Python writes six digits of a second, a database
# has flags as 0 and 1, uses pass 2^31. All of it passes; days of contracts are off by one on a worker in America, and not on one in Europe.
# Run workers with -Duser.timezone=UTC, cast to int64 and never to less, cut texts to milliseconds, and name the offset (XXX) in the format.
#
# Output seen (2026-12-01):
#   the date 2026-12-01 cast to string: 2026-11-30
#   the date 2026-12-01 cast to int64: 20788, which is 2026-12-01
#   the time 2026-11-30T23:30:00.123Z cast to string: 2026-11-30T18:30:00.123Z
#   the time 2026-11-30T23:30:00.123Z cast to int32: 785070395
#   3000000000 cast to int32: -1294967296
#   3.0E9 cast to int32: 2147483647
#   NaN cast to int32: 0
#   "7.9" cast to int32: refused
#   "1" cast to boolean: false
#   1 cast to boolean: true
#   0.5 cast to boolean: false
#   2026-11-30T12:00:00.123456Z by yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z': 2026-11-30T12:02:03.456Z
#   2026-11-30T12:00:00.5Z by yyyy-MM-dd'T'HH:mm:ss.SSS'Z': 2026-11-30T12:00:00.005Z
#   2026-11-30T23:30:00-05:00 by yyyy-MM-dd'T'HH:mm:ss: 2026-11-30T23:30:00Z
#   2026-02-30 by yyyy-MM-dd: 2026-03-02T00:00:00Z
#   11/30/2026 by dd/MM/yyyy: 2028-06-11T00:00:00Z
#   2026-11-30T23:30:00.123Z written by yyyy-MM-dd'T'HH:mm:ss.SSSSSS: 2026-11-30T23:30:00.000123
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>casts</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-api</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Casts.java" <<'JAVA'
import java.time.Instant;
import java.time.LocalDate;
import java.util.Date;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Cast;
import org.apache.kafka.connect.transforms.TimestampConverter;
import org.apache.kafka.connect.transforms.Transformation;

class Casts {
    static Object changed(Transformation<SourceRecord> change, Map<String, String> settings, Schema schema, Object value) {
        change.configure(settings);
        try {
            Object told = change.apply(new SourceRecord(null, null, "topic", 0, null, null, schema, value)).value();
            return told instanceof Date time ? time.toInstant() : told;
        } catch (DataException error) {
            return "refused";
        }
    }

    static Object cast(String title, Schema schema, Object value, String type) {
        Object told = changed(new Cast.Value<>(), Map.of("spec", type), schema, value);
        System.out.print(title + " cast to " + type + ": " + told);
        return told;
    }

    static void number(Schema schema, Object value, String type) {
        cast(value instanceof String ? "\"" + value + "\"" : String.valueOf(value), schema, value, type);
        System.out.println();
    }

    static void read(String text, String format) {
        var settings = Map.of("target.type", "Timestamp", "format", format);
        System.out.println(text + " by " + format + ": " + changed(new TimestampConverter.Value<>(), settings, null, text));
    }

    public static void main(String[] arguments) {
        Schema days = org.apache.kafka.connect.data.Date.SCHEMA;
        Date day = Date.from(Instant.parse("2026-12-01T00:00:00Z"));
        Date time = Date.from(Instant.parse("2026-11-30T23:30:00.123Z"));
        cast("the date 2026-12-01", days, day, "string");
        System.out.println();
        Object number = cast("the date 2026-12-01", days, day, "int64");
        System.out.println(", which is " + LocalDate.ofEpochDay((Long) number));
        cast("the time " + time.toInstant(), Timestamp.SCHEMA, time, "string");
        System.out.println();
        cast("the time " + time.toInstant(), Timestamp.SCHEMA, time, "int32");
        System.out.println();
        number(Schema.INT64_SCHEMA, 3000000000L, "int32");
        number(Schema.FLOAT64_SCHEMA, 3e9, "int32");
        number(Schema.FLOAT64_SCHEMA, Double.NaN, "int32");
        number(Schema.STRING_SCHEMA, "7.9", "int32");
        number(Schema.STRING_SCHEMA, "1", "boolean");
        number(Schema.INT32_SCHEMA, 1, "boolean");
        number(Schema.FLOAT64_SCHEMA, 0.5, "boolean");
        read("2026-11-30T12:00:00.123456Z", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
        read("2026-11-30T12:00:00.5Z", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
        read("2026-11-30T23:30:00-05:00", "yyyy-MM-dd'T'HH:mm:ss");
        read("2026-02-30", "yyyy-MM-dd");
        read("11/30/2026", "dd/MM/yyyy");
        String format = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS";
        System.out.println(time.toInstant() + " written by " + format + ": "
            + changed(new TimestampConverter.Value<>(), Map.of("target.type", "string", "format", format), null, time));
    }
}
JAVA
java -Duser.timezone=America/New_York -cp "$folder/libs/*" "$folder/Casts.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
