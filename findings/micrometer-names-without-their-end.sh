#!/usr/bin/env bash
# Micrometer takes the last word off names: `tickets.created` becomes `tickets`, and of two such meters one is never exposed.
#
# Versions: micrometer-registry-prometheus 1.17.0 with prometheus-metrics 1.7.0, Java 17 with its compiler, Maven.
# A good guess: dots become underscores, a counter gets `_total`, and that is all: a gauge `users.created` is `users_created`.
# What happens:
#   1. `created`, `total` and `bucket` at the end are taken off, one after the other, of gauges, counters and summaries.
#   2. So `tickets.created` and `tickets` are one name. The meter that comes first has it; the other counts on in the program and
#      is not exposed. The first time a warning is logged, then nothing. Which one is there depends on the order of the start.
#   3. A gauge whose name ends in `info` is 1, whatever it measures.
# Matters because: accounts, users, tickets and their created, total and info are what customer metrics are called; a
# panel of `tickets_total` shows created tickets on one instance, and all of them on the next.
#
# Output seen:
#   gauge users.created = 7: users 7.0
#   gauge users.total = 7: users 7.0
#   gauge users.bucket = 7: users 7.0
#   gauge users.info = 7: users_info 1
#   gauge users.active = 7: users_active 7.0
#   counter tickets.created = 7: tickets_total 7.0
#   tickets.created = 3, then tickets = 5: tickets_total 3.0
#   tickets = 5, then tickets.created = 3: tickets_total 5.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>names</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.micrometer</groupId><artifactId>micrometer-registry-prometheus</artifactId><version>1.17.0</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Named.java" <<'JAVA'
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.stream.Collectors;

class Named {
    static PrometheusMeterRegistry registry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    static void count(PrometheusMeterRegistry registry, String name, int times) {
        Counter.builder(name).register(registry).increment(times);
    }

    static void show(String what, PrometheusMeterRegistry registry) {
        System.out.println(what + ": "
            + registry.scrape().lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining(", ")));
    }

    public static void main(String[] arguments) {
        for (String name : new String[] {"users.created", "users.total", "users.bucket", "users.info", "users.active"}) {
            PrometheusMeterRegistry registry = registry();
            Gauge.builder(name, () -> 7).register(registry);
            show("gauge " + name + " = 7", registry);
        }
        PrometheusMeterRegistry alone = registry();
        count(alone, "tickets.created", 7);
        show("counter tickets.created = 7", alone);

        PrometheusMeterRegistry createdFirst = registry();
        count(createdFirst, "tickets.created", 3);
        count(createdFirst, "tickets", 5);
        show("tickets.created = 3, then tickets = 5", createdFirst);

        PrometheusMeterRegistry createdLast = registry();
        count(createdLast, "tickets", 5);
        count(createdLast, "tickets.created", 3);
        show("tickets = 5, then tickets.created = 3", createdLast);
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Named.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
