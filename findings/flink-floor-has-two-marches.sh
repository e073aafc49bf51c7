#!/usr/bin/env bash
# Groups by FLOOR of an instant have two Marches, two Novembers and, in the year, two years; weeks begin on Sunday, Monday or Thursday.
#
# Versions: Flink 2.3.0 (table planner, runtime; Maven), Java 17, session zone America/New_York.
# A good guess: Flink's windows follow the session's zone over changes of clocks, and `FLOOR(t TO MONTH)` of a TIMESTAMP_LTZ is the
# local beginning of the month, as `date_trunc` is elsewhere; a week is that of ISO, as in EXTRACT.
# What happens: FLOOR takes the offset of the instant itself for the beginning too. What is after a change of clocks has a beginning that is
# an hour off, so the month, quarter, year, week and day of the change are two groups each, with a count each. A
# cast to DATE and the windows (TUMBLE, CUMULATE) are right. Of weeks, FLOOR begins them on Sunday, EXTRACT(WEEK) counts those of
# ISO, which begin on Monday, and TUMBLE of 7 days begins on Thursday, as 1970 did.
# Matters because: monthly active accounts of March are two rows, the year's as well, every year, and neither is right; distinct counts of
# them cannot be added. Group by `CAST(t AS DATE)`, or FLOOR what was cast to TIMESTAMP.
#
# Output seen (a use at each full hour of 2026 in New York):
#   FLOOR(t TO YEAR): 2025-12-31 23:00 5711, 2026-01-01 00:00 3049
#   FLOOR(t TO MONTH): 14 months, of them 2026-02-28 23:00 573, 2026-03-01 00:00 170, 2026-11-01 00:00 2, 2026-11-01 01:00 719
#   the same of CAST(t AS TIMESTAMP): 12 months, of them 2026-03-01 00:00 743, 2026-11-01 00:00 721
#   FLOOR(t TO DAY), 1 November: 2026-11-01 00:00 2, 2026-11-01 01:00 23
#   TUMBLE of a day, 1 November: 2026-11-01 00:00 25
#   Sunday 1 November: FLOOR(t TO WEEK) 2026-11-01 00:00, EXTRACT(WEEK) 44, TUMBLE of 7 days 2026-10-29 00:00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

artifacts="flink-table-api-java-bridge flink-table-planner-loader flink-table-runtime flink-clients flink-connector-datagen"
{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>finding</groupId><artifactId>floor</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
    for name in $artifacts; do
        echo "<dependency><groupId>org.apache.flink</groupId><artifactId>$name</artifactId><version>2.3.0</version></dependency>"
    done
    echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>'
    echo '</dependencies></project>'
} > "$folder/pom.xml"
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Floors.java" <<'JAVA'
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

class Floors {
    static final TableEnvironment TABLES = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    static final ZoneId ZONE = ZoneId.of("America/New_York");
    static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

    static String local(Object value) {
        if (value instanceof Instant instant) {
            return local(LocalDateTime.ofInstant(instant, ZONE));
        }
        return value instanceof LocalDateTime time ? FORM.format(time) : value.toString();
    }

    static List<String> rows(String query) throws Exception {
        List<String> rows = new ArrayList<>();
        try (var found = TABLES.executeSql(query).collect()) {
            while (found.hasNext()) {
                var row = found.next();
                List<String> cells = new ArrayList<>();
                for (int index = 0; index < row.getArity(); index++) {
                    cells.add(local(row.getField(index)));
                }
                rows.add(String.join(" ", cells));
            }
        }
        rows.sort(null);
        return rows;
    }

    static List<String> counts(String group) throws Exception {
        return rows("SELECT " + group + ", COUNT(*) FROM uses GROUP BY " + group);
    }

    static String of(List<String> rows, String... beginnings) {
        return String.join(", ", rows.stream().filter(row -> List.of(beginnings).contains(row.substring(0, 10))).toList());
    }

    static String windows(String days) throws Exception {
        String of = "TUMBLE(TABLE uses, DESCRIPTOR(t), INTERVAL '" + days + "' DAY)";
        String query = "SELECT window_start, COUNT(*) FROM TABLE(" + of + ") GROUP BY window_start, window_end";
        return of(rows(query), days.equals("1") ? "2026-11-01" : "2026-10-29");
    }

    public static void main(String[] arguments) throws Exception {
        TABLES.getConfig().set("table.local-time-zone", ZONE.getId());
        TABLES.getConfig().set("parallelism.default", "1");
        long first = Instant.parse("2026-01-01T05:00:00Z").toEpochMilli();
        TABLES.executeSql(
            "CREATE TABLE uses (n BIGINT, t AS TO_TIMESTAMP_LTZ(" + first + " + n * 3600000, 3), WATERMARK FOR t AS t) WITH "
                + "('connector' = 'datagen', 'number-of-rows' = '8760', "
                + "'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '8759')");
        System.out.println("FLOOR(t TO YEAR): " + String.join(", ", counts("FLOOR(t TO YEAR)")));
        String[] changed = {"2026-02-28", "2026-03-01", "2026-11-01"};
        for (var told : List.of(List.of("FLOOR(t TO MONTH)", "t"), List.of("the same of CAST(t AS TIMESTAMP)", "CAST(t AS TIMESTAMP(3))"))) {
            List<String> months = counts("FLOOR(" + told.get(1) + " TO MONTH)");
            System.out.println(told.get(0) + ": " + months.size() + " months, of them " + of(months, changed));
        }
        System.out.println("FLOOR(t TO DAY), 1 November: " + of(counts("FLOOR(t TO DAY)"), "2026-11-01"));
        System.out.println("TUMBLE of a day, 1 November: " + windows("1"));
        String week = rows("SELECT FLOOR(t TO WEEK), EXTRACT(WEEK FROM t) FROM uses WHERE n = 7296").get(0);
        System.out.println(
            "Sunday 1 November: FLOOR(t TO WEEK) " + week.substring(0, 16) + ", EXTRACT(WEEK) " + week.substring(17)
                + ", TUMBLE of 7 days " + windows("7").substring(0, 16));
    }
}
JAVA

open="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
java $open -cp "$folder/libs/*" "$folder/Floors.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
