#!/usr/bin/env bash
# After an update of a JSON column alone, Flink counts an account twice: what it takes back is a row that there never was.
#
# Versions: Flink 2.3.0 (table planner, runtime, flink-json; Maven), Java 17. Lines as Maxwell's daemon writes them, JSON columns as JSON.
# A good guess: `old` of an update has the columns that changed, and Flink makes the row before of these and of the row after for the
# others, so that what it takes back is what it had told; the format's own tests have columns that were null.
# What happens: it asks whether a column is in `old` at any depth. A JSON column that changed and has a key with the name of another column
# makes that one count as changed, and as null before. The row is taken back from the group of null, where it never was, and
# told to its own group a second time. Canal's format writes JSON as text and is not concerned.
# Matters because: `status`, `plan`, `name` and `id` are names of columns and of keys within a column of details. Each change of such details adds
# an account and its revenue to a running count, for good; a snapshot of the table, and a count of it, are right.
# Under other names, as with seats below, all is right.
#
# Output seen (two accounts, of which one had its details changed once):
#   details with a status, maxwell-json: +I active 1 100, +I active 2 50, -U null 1 100, +U active 1 100; active: 3 accounts, 250
#   details with seats, maxwell-json: +I active 1 100, +I active 2 50, -U active 1 100, +U active 1 100; active: 2 accounts, 150
#   details with a status, canal-json: +I active 1 100, +I active 2 50, -U active 1 100, +U active 1 100; active: 2 accounts, 150
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>finding</groupId><artifactId>updates</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
    for name in flink-table-api-java-bridge flink-table-planner-loader flink-table-runtime flink-clients flink-connector-files flink-json; do
        echo "<dependency><groupId>org.apache.flink</groupId><artifactId>$name</artifactId><version>2.3.0</version></dependency>"
    done
    echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>'
    echo '</dependencies></project>'
} > "$folder/pom.xml"
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Count.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;

class Count {
    static final TableEnvironment TABLES = TableEnvironment.create(EnvironmentSettings.inStreamingMode());

    static String maxwell(String type, int id, int mrr, String details, String old) {
        return "{\"database\":\"crm\",\"table\":\"accounts\",\"type\":\"" + type + "\",\"ts\":1772366400,\"xid\":1,\"commit\":true,\"data\":"
            + "{\"id\":" + id + ",\"status\":\"active\",\"mrr\":" + mrr + ",\"details\":" + details + "}"
            + (old == null ? "" : ",\"old\":{\"details\":" + old + "}") + "}";
    }

    static String canal(String type, int id, int mrr, String details, String old) {
        String told = details.replace("\"", "\\\""), before = old == null ? null : old.replace("\"", "\\\"");
        return "{\"database\":\"crm\",\"table\":\"accounts\",\"type\":\"" + type.toUpperCase() + "\",\"ts\":1772366400000,\"isDdl\":false,\"data\":"
            + "[{\"id\":\"" + id + "\",\"status\":\"active\",\"mrr\":\"" + mrr + "\",\"details\":\"" + told + "\"}],\"old\":"
            + (old == null ? "null" : "[{\"details\":\"" + before + "\"}]") + "}";
    }

    static List<Row> rows(String query) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (var found = TABLES.executeSql(query).collect()) {
            found.forEachRemaining(rows::add);
        }
        return rows;
    }

    static void count(String title, String format, String before, String after) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String[] told : new String[][] {{"insert", "1", before, null}, {"insert", "2", before, null}, {"update", "1", after, before}}) {
            int id = Integer.parseInt(told[1]), mrr = id == 1 ? 100 : 50;
            lines.add(format.equals("maxwell-json") ? maxwell(told[0], id, mrr, told[2], told[3]) : canal(told[0], id, mrr, told[2], told[3]));
        }
        Path file = Files.createTempFile(Path.of(System.getProperty("folder")), "rows", ".json");
        Files.writeString(file, String.join("\n", lines) + "\n");
        TABLES.executeSql("DROP TABLE IF EXISTS accounts");
        TABLES.executeSql("CREATE TABLE accounts (id INT, status STRING, mrr INT, details STRING)"
            + " WITH ('connector' = 'filesystem', 'path' = '" + file.toUri() + "', 'format' = '" + format + "')");
        List<String> seen = new ArrayList<>();
        for (Row row : rows("SELECT status, id, mrr FROM accounts")) {
            seen.add(row.getKind().shortString() + " " + row.getField(0) + " " + row.getField(1) + " " + row.getField(2));
        }
        List<Row> counts = rows("SELECT COUNT(*), SUM(mrr) FROM accounts WHERE status = 'active'");
        Row last = counts.get(counts.size() - 1);
        System.out.println(title + ", " + format + ": " + String.join(", ", seen)
            + "; active: " + last.getField(0) + " accounts, " + last.getField(1));
    }

    public static void main(String[] arguments) throws Exception {
        TABLES.getConfig().set("parallelism.default", "1");
        count("details with a status", "maxwell-json", "{\"status\":\"new\"}", "{\"status\":\"known\"}");
        count("details with seats", "maxwell-json", "{\"seats\":1}", "{\"seats\":2}");
        count("details with a status", "canal-json", "{\"status\":\"new\"}", "{\"status\":\"known\"}");
    }
}
JAVA

open="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
java $open -Dfolder="$folder" -cp "$folder/libs/*" "$folder/Count.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
