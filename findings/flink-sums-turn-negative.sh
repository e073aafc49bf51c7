#!/usr/bin/env bash
# A sum of cents is negative, a mean of 4, 5 and 5 is 4, and the deviation of scores is a whole number: aggregates keep the column's type.
#
# Versions: Flink 2.3.0 (table planner, runtime; Maven), Java 17. Streaming mode says the same.
# A good guess: SUM of INT is wider than its column, as in Postgres, Spark, DuckDB and ClickHouse, or ends with an error where it does
# not fit; AVG and the deviations have a fraction whatever their column's type, as all of these do.
# What happens: each has the type of its column. SUM wraps without a word, at 21 million of a currency with cents in INT, and BIGINT's
# wraps too, where a cast that does not fit is an error. AVG and STDDEV cut off the fraction, VAR as well.
# PERCENTILE has one. Of DECIMAL all is right.
# Matters because: amounts in minor units and scores of 0 to 10 are whole numbers, and so JSON that is read as INT. A mean satisfaction of
# 4.9 is 4, and revenue of a month is below 0. Declare amounts as DECIMAL, cast scores to DOUBLE within AVG.
#
# Output seen:
#   SUM of 15,000,000.00 twice in cents, INT: -1294967296
#   SUM of the same, DECIMAL(10, 0): 3000000000
#   SUM of BIGINT, 9000000000000000000 twice: -446744073709551616
#   scores 4 5 5 5 5: AVG 4, STDDEV_POP 0, VAR_SAMP 0, PERCENTILE 5.0
#   the same as DECIMAL(2, 0): AVG 4.800000, STDDEV_POP 0.400000, VAR_SAMP 0.200000, PERCENTILE 5.0
#   CAST of 3000000000 to INT: refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>finding</groupId><artifactId>sums</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
    for name in flink-table-api-java-bridge flink-table-planner-loader flink-table-runtime flink-clients; do
        echo "<dependency><groupId>org.apache.flink</groupId><artifactId>$name</artifactId><version>2.3.0</version></dependency>"
    done
    echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>'
    echo '</dependencies></project>'
} > "$folder/pom.xml"
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Sums.java" <<'JAVA'
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;

class Sums {
    static final TableEnvironment TABLES = TableEnvironment.create(EnvironmentSettings.inBatchMode());

    static Row row(String what, String values) throws Exception {
        try (var found = TABLES.executeSql("SELECT " + what + " FROM (VALUES " + values + ") AS told(x)").collect()) {
            return found.next();
        }
    }

    static void sum(String named, String column, String values) throws Exception {
        System.out.println(named + ": " + row("SUM(" + column + ")", values).getField(0));
    }

    static void scores(String named, String column) throws Exception {
        String x = "(" + column + ")";
        String what = "AVG" + x + ", STDDEV_POP" + x + ", VAR_SAMP" + x + ", PERCENTILE(" + column + ", 0.5)";
        Row seen = row(what, "(4), (5), (5), (5), (5)");
        System.out.println(
            named + ": AVG " + seen.getField(0) + ", STDDEV_POP " + seen.getField(1) + ", VAR_SAMP " + seen.getField(2)
                + ", PERCENTILE " + seen.getField(3));
    }

    public static void main(String[] arguments) throws Exception {
        TABLES.getConfig().set("parallelism.default", "1");
        String cents = "(1500000000), (1500000000)";
        sum("SUM of 15,000,000.00 twice in cents, INT", "x", cents);
        sum("SUM of the same, DECIMAL(10, 0)", "CAST(x AS DECIMAL(10, 0))", cents);
        sum("SUM of BIGINT, 9000000000000000000 twice", "x", "(9000000000000000000), (9000000000000000000)");
        scores("scores 4 5 5 5 5", "x");
        scores("the same as DECIMAL(2, 0)", "CAST(x AS DECIMAL(2, 0))");
        String seen;
        try {
            seen = row("CAST(x AS INT)", "('3000000000')").toString();
        } catch (Exception refused) {
            seen = "refused";
        }
        System.out.println("CAST of 3000000000 to INT: " + seen);
    }
}
JAVA

open="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
java $open -cp "$folder/libs/*" "$folder/Sums.java" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
