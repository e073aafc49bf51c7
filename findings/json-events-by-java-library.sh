#!/usr/bin/env bash
# One event in JSON has -2147483648 uses, began in 1970 or in the year 58885, is not active where it says 1, or is of the next day, by library of Java.
#
# Versions: gson 2.15.0, moshi 1.15.2 with its adapter for Date, yasson 3.0.5 (JSON-B), fastjson2 2.0.64, jackson-databind 3.3.0 (Maven), each as it is made
# without options; Java 17, a machine in New York.
# A good guess: what does not fit its field is refused, above all by JSON-B, which is a standard, and by Jackson 3, which turned defaults
# to the strict side. A time is read alike into a Date and an Instant; one without a zone is UTC, or refused.
# What happens:
#   1. yasson cuts whole numbers to the bits of their field: uses above 2^31 are below 0. gson gives the largest long.
#   2. yasson reads each number as false, 1 too; yasson and gson read each text but "true" as false: "1", "yes".
#   3. A fraction is cut for a whole field by yasson, fastjson2 and Jackson.
#   4. Jackson 3 takes a number as seconds for an Instant and as milliseconds for a Date: one of them is in 1970 or in the year 58885. fastjson2 takes milliseconds.
#   5. A text without a zone is UTC in Jackson and yasson, of the machine in fastjson2, gson and moshi. 30 February is 2 March for a Date of Jackson and moshi.
#   6. fastjson2 writes a Date, and gson as well, by the machine's clock without a zone, so that a reader has it five hours early.
# Matters because: exports of usage and billing have such values: counters above 2^31, flags as 0 and 1, epochs in seconds or milliseconds. A
# service that changes its library changes figures, without an error. Read numbers into long or BigDecimal, times into
# Instant as ISO text with its zone, and flags only as true and false.
#
# Output seen (2026-11-30):
#   uses 2147483648 as int: gson refused, moshi refused, yasson -2147483648, fastjson2 refused, jackson refused
#   uses 9223372036854775808 as long: gson 9223372036854775807, moshi refused, yasson -9223372036854775808, fastjson2 refused, jackson refused
#   uses 7.9 as int: gson refused, moshi refused, yasson 7, fastjson2 7, jackson 7
#   uses 1.5 as long: gson refused, moshi refused, yasson 1, fastjson2 1, jackson 1
#   active 1 as boolean: gson refused, moshi refused, yasson false, fastjson2 true, jackson true
#   active "1" as boolean: gson false, moshi refused, yasson false, fastjson2 true, jackson refused
#   active "yes" as boolean: gson false, moshi refused, yasson false, fastjson2 refused, jackson refused
#   began 1796081400 as Instant: gson refused, moshi refused, yasson refused, fastjson2 1970-01-21T18:54:41.400Z, jackson 2026-11-30T23:30:00Z
#   began 1796081400 as Date: gson refused, moshi refused, yasson refused, fastjson2 1970-01-21T18:54:41.400Z, jackson 1970-01-21T18:54:41.400Z
#   began 1796081400000 as Instant: gson refused, moshi refused, yasson refused, fastjson2 2026-11-30T23:30:00Z, jackson +58885-07-21T04:00:00Z
#   began "2026-11-30T23:30:00" as Date: gson refused, moshi refused, yasson 2026-11-30T23:30:00Z, fastjson2 2026-12-01T04:30:00Z, jackson 2026-11-30T23:30:00Z
#   began "2026-11-30" as Date: gson 2026-11-30T05:00:00Z, moshi 2026-11-30T05:00:00Z, yasson refused, fastjson2 2026-11-30T05:00:00Z, jackson 2026-11-30T00:00:00Z
#   began "2026-02-30" as Date: gson refused, moshi 2026-03-02T05:00:00Z, yasson refused, fastjson2 refused, jackson 2026-03-02T00:00:00Z
#   written of 2026-11-30T23:30:00.123Z: gson "Nov 30, 2026, 6:30:00 PM", moshi "2026-11-30T23:30:00.123Z", yasson "2026-11-30T23:30:00.123Z[UTC]", fastjson2 "2026-11-30 18:30:00.123", jackson "2026-11-30T23:30:00.123Z"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>events</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>2.15.0</version></dependency>
    <dependency><groupId>com.squareup.moshi</groupId><artifactId>moshi-adapters</artifactId><version>1.15.2</version></dependency>
    <dependency><groupId>org.eclipse</groupId><artifactId>yasson</artifactId><version>3.0.5</version></dependency>
    <dependency><groupId>com.alibaba.fastjson2</groupId><artifactId>fastjson2</artifactId><version>2.0.64</version></dependency>
    <dependency><groupId>tools.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>3.3.0</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Events.java" <<'JAVA'
import com.alibaba.fastjson2.JSON;
import com.google.gson.Gson;
import com.squareup.moshi.Moshi;
import com.squareup.moshi.adapters.Rfc3339DateJsonAdapter;
import jakarta.json.bind.JsonbBuilder;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.databind.json.JsonMapper;

public class Events {
    public static class OfInt { public int v; }
    public static class OfLong { public long v; }
    public static class OfBoolean { public boolean v; }
    public static class OfInstant { public Instant v; }
    public static class OfDate { public Date v; }

    interface Reader { Object read(String text, Class<?> type) throws Exception; }
    interface Writer { String write(OfDate event) throws Exception; }

    static final Map<String, Reader> readers = new LinkedHashMap<>();

    static void tell(String name, String text, String field, Class<?> type) {
        StringJoiner told = new StringJoiner(", ");
        readers.forEach((library, reader) -> {
            String seen;
            try {
                Object value = type.getField("v").get(reader.read("{\"v\":" + text + "}", type));
                seen = String.valueOf(value instanceof Date date ? date.toInstant() : value);
            } catch (Exception error) {
                seen = "refused";
            }
            told.add(library + " " + seen);
        });
        System.out.println(name + " " + text + " as " + field + ": " + told);
    }

    public static void main(String[] arguments) throws Exception {
        var gson = new Gson();
        var moshi = new Moshi.Builder().add(Date.class, new Rfc3339DateJsonAdapter()).build();
        var yasson = JsonbBuilder.create();
        var jackson = new JsonMapper();
        readers.put("gson", gson::fromJson);
        readers.put("moshi", (text, type) -> moshi.adapter(type).fromJson(text));
        readers.put("yasson", yasson::fromJson);
        readers.put("fastjson2", JSON::parseObject);
        readers.put("jackson", jackson::readValue);
        tell("uses", "2147483648", "int", OfInt.class);
        tell("uses", "9223372036854775808", "long", OfLong.class);
        tell("uses", "7.9", "int", OfInt.class);
        tell("uses", "1.5", "long", OfLong.class);
        for (String text : new String[] {"1", "\"1\"", "\"yes\""}) {
            tell("active", text, "boolean", OfBoolean.class);
        }
        tell("began", "1796081400", "Instant", OfInstant.class);
        tell("began", "1796081400", "Date", OfDate.class);
        tell("began", "1796081400000", "Instant", OfInstant.class);
        for (String text : new String[] {"\"2026-11-30T23:30:00\"", "\"2026-11-30\"", "\"2026-02-30\""}) {
            tell("began", text, "Date", OfDate.class);
        }
        Map<String, Writer> writers = new LinkedHashMap<>();
        writers.put("gson", gson::toJson);
        writers.put("moshi", moshi.adapter(OfDate.class)::toJson);
        writers.put("yasson", yasson::toJson);
        writers.put("fastjson2", JSON::toJSONString);
        writers.put("jackson", jackson::writeValueAsString);
        OfDate event = new OfDate();
        event.v = new Date(1796081400123L);
        StringJoiner told = new StringJoiner(", ");
        for (var writer : writers.entrySet()) {
            told.add(writer.getKey() + " " + writer.getValue().write(event).replaceAll("^\\{\"v\":|\\}$", "").replace('\u202f', ' '));
        }
        System.out.println("written of " + event.v.toInstant() + ": " + told);
    }
}
JAVA
java -Duser.timezone=America/New_York -Duser.language=en -Duser.country=US -cp "$folder/libs/*" "$folder/Events.java" 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
