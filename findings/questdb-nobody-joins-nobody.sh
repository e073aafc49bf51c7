#!/usr/bin/env bash
# Uses by nobody are joined with every person who has no id, and -2.5 is rounded to -2 where -0.125 is rounded to -0.13.
#
# Versions: QuestDB 9.3.4 (Maven, within the process), Java 17 with its compiler.
# A good guess: its SQL is that of Postgres, whose protocol it speaks: null equals nothing, so that an inner join drops rows without a key and
# `<> 'u1'` drops nulls; round takes halves away from zero, for any number of digits, or to the even neighbour for doubles.
# What happens:
#   1. null equals null, in joins too: three uses before a login and two rows of people without an id make six rows. Only
#      COUNT(u) and COUNT_DISTINCT(u) leave nulls out.
#   2. round of a double to 0 digits takes halves up, towards plus infinity; to 2 digits it takes them away from zero, as round of a
#      decimal does to any number.
#   3. A whole number one above the largest, of INT, is null, and one further is negative.
# Matters because: events before a login have no user, and rows that came from elsewhere no id. A count by plan over such a join is too
# high by products of them, and grows with each. A charge of 2.5 and its refund leave 1 of the currency. Say `u IS NOT NULL` in the join,
# and keep amounts as DECIMAL.
#
# Output seen:
#   uses by plan, of one use by u1 who has pro: free 3, pro 4
#   the same with u is not null: pro 1
#   uses that are not of u1: 3
#   count_distinct 1, rows of select distinct 2
#   round to 0 digits: 2.5 is 3.0, -2.5 is -2.0; to 2: 0.125 is 0.13, -0.125 is -0.13
#   round of decimals to 0 digits: 2.5 is 3, -2.5 is -3
#   2147483647 + 1 is null, + 2 is -2147483647
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>nobody</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.questdb</groupId><artifactId>questdb</artifactId><version>9.3.4</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Ask.java" <<'JAVA'
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CursorPrinter;
import io.questdb.cairo.DefaultCairoConfiguration;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.std.str.StringSink;
import java.util.ArrayList;
import java.util.List;

class Ask {
    static CairoEngine engine;
    static SqlExecutionContextImpl context;

    static String[] rows(String query) throws Exception {
        try (RecordCursorFactory factory = engine.select(query, context); RecordCursor cursor = factory.getCursor(context)) {
            StringSink text = new StringSink();
            CursorPrinter.println(cursor, factory.getMetadata(), text);
            List<String> rows = new ArrayList<>(text.toString().lines().skip(1).toList());
            return rows.toArray(String[]::new);
        }
    }

    static String[] values(String expressions) throws Exception {
        return rows("select " + expressions + " from long_sequence(1)")[0].split("\t");
    }

    static void tell(String form, Object... values) {
        System.out.println("told " + String.format(form, values));
    }

    public static void main(String[] arguments) throws Exception {
        engine = new CairoEngine(new DefaultCairoConfiguration(arguments[0]));
        context = new SqlExecutionContextImpl(engine, 1).with(AllowAllSecurityContext.INSTANCE, null);
        for (String statement : new String[] {
            "create table uses (u string, ts timestamp) timestamp(ts)",
            "create table people (u string, plan string)",
            "create table amounts (a decimal(10, 2))",
            "create table counts (n int)",
            "insert into uses values ('u1', '2026-03-01T00:00:00'), (null, '2026-03-01T01:00:00'), (null, '2026-03-01T02:00:00'),"
                + " (null, '2026-03-01T03:00:00')",
            "insert into people values ('u1', 'pro'), (null, 'free'), (null, 'pro')",
            "insert into amounts values (2.50m), (-2.50m)",
            "insert into counts values (2147483647)"}) {
            engine.execute(statement, context);
        }
        String join = "select plan, count() from uses join people on uses.u = people.u";
        tell("uses by plan, of one use by u1 who has pro: %s", String.join(", ", rows(join + " order by plan")).replace('\t', ' '));
        tell("the same with u is not null: %s", String.join(", ", rows(join + " and uses.u is not null")).replace('\t', ' '));
        tell("uses that are not of u1: %s", rows("select count() from uses where u <> 'u1'")[0]);
        tell("count_distinct %s, rows of select distinct %d",
            rows("select count_distinct(u) from uses")[0], rows("select distinct u from uses").length);
        tell("round to 0 digits: 2.5 is %s, -2.5 is %s; to 2: 0.125 is %s, -0.125 is %s",
            (Object[]) values("round(2.5, 0), round(-2.5, 0), round(0.125, 2), round(-0.125, 2)"));
        tell("round of decimals to 0 digits: 2.5 is %s, -2.5 is %s", (Object[]) rows("select round(a, 0) from amounts"));
        tell("2147483647 + 1 is %s, + 2 is %s", (Object[]) rows("select n + 1, n + 2 from counts")[0].split("\t"));
        System.exit(0);
    }
}
JAVA
open="--add-opens java.base/java.lang=ALL-UNNAMED --add-opens java.base/java.nio=ALL-UNNAMED --add-opens java.base/sun.nio.ch=ALL-UNNAMED"
mkdir "$folder/data"
java $open -cp "$folder/libs/*" "$folder/Ask.java" "$folder/data" > "$folder/log" 2>&1 || { tail -5 "$folder/log" >&2; exit 1; }
sed -n 's/^told //p' "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
