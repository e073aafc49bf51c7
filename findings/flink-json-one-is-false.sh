#!/usr/bin/env bash
# JSON's 1, "1" and "yes" are the boolean false, an amount that does not fit is null, and 12.7 is 12, where errors are to end the job.
#
# Versions: Flink 2.3.0 (flink-json; Maven), Java 17; with Flink's older reader of JSON, by an option, the same.
# A good guess: with `json.ignore-parse-errors` false, as it is by default, a value that is not of its column's type ends the job,
# which is what that option is for; a 1 may be taken as true.
# What happens: so it is for a text that is no number, and for a number too large for INT. A boolean is true for `true` and "true", and
# false for all else that is not null. DECIMAL(10, 2) of more digits than ten is null, of more than two behind the point rounded;
# INT takes 12.7 as 12 and -0.9 as 0.
# Matters because: booleans of events from databases (MySQL's tinyint, SQLite) and forms are 1 and 0: `livemode: 1` is a test, `paid: 1` is not
# paid. An amount in a currency with large numbers vanishes from a sum, as null. Read such fields as STRING, and cast there: CAST of
# '1' is true and of a text that is too large an error.
#
# Output seen:
#   BOOLEAN: true is true, "true" is true, 1 is false, "1" is false, "yes" is false, 0 is false
#   DECIMAL(10, 2): 12.345 is 12.35, 123456789.5 is null
#   INT: 12.7 is 12, -0.9 is 0, "12" is 12, 3000000000 is refused, "12.7" is refused
#   as STRING, then CAST: '1' is true, 'yes' is true, '123456789.5' is refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>finding</groupId><artifactId>json</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
    for name in flink-table-api-java-bridge flink-table-planner-loader flink-table-runtime flink-clients flink-connector-files flink-json; do
        echo "<dependency><groupId>org.apache.flink</groupId><artifactId>$name</artifactId><version>2.3.0</version></dependency>"
    done
    echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>'
    echo '</dependencies></project>'
} > "$folder/pom.xml"
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Read.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

class Read {
    static final TableEnvironment TABLES = TableEnvironment.create(EnvironmentSettings.inBatchMode());

    static String first(String query) {
        try (var found = TABLES.executeSql(query).collect()) {
            return String.valueOf(found.next().getField(0));
        } catch (Exception refused) {
            return "refused";
        }
    }

    static void read(String type, String... values) throws Exception {
        List<String> seen = new ArrayList<>();
        for (String value : values) {
            Path file = Files.createTempFile(Path.of(System.getProperty("folder")), "event", ".json");
            Files.writeString(file, "{\"x\":" + value + "}\n");
            TABLES.executeSql("DROP TABLE IF EXISTS events");
            TABLES.executeSql(
                "CREATE TABLE events (x " + type + ") WITH ('connector' = 'filesystem', 'path' = '" + file.toUri() + "', 'format' = 'json')");
            seen.add(value + " is " + first("SELECT x FROM events"));
        }
        System.out.println(type + ": " + String.join(", ", seen));
    }

    public static void main(String[] arguments) throws Exception {
        TABLES.getConfig().set("parallelism.default", "1");
        read("BOOLEAN", "true", "\"true\"", "1", "\"1\"", "\"yes\"", "0");
        read("DECIMAL(10, 2)", "12.345", "123456789.5");
        read("INT", "12.7", "-0.9", "\"12\"", "3000000000", "\"12.7\"");
        List<String> seen = new ArrayList<>();
        for (String[] each : new String[][] {{"1", "BOOLEAN"}, {"yes", "BOOLEAN"}, {"123456789.5", "DECIMAL(10, 2)"}}) {
            String cast = "SELECT CAST(x AS " + each[1] + ") FROM (VALUES ('" + each[0] + "'), ('')) AS told(x) LIMIT 1";
            seen.add("'" + each[0] + "' is " + first(cast));
        }
        System.out.println("as STRING, then CAST: " + String.join(", ", seen));
    }
}
JAVA

open="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
java $open -Dfolder="$folder" -cp "$folder/libs/*" "$folder/Read.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
