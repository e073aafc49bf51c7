#!/usr/bin/env bash
# A gauge at -20 that Micrometer tells StatsD at each poll is 20 less each time; an NPS that goes from 30 to -20 is 10 by three of four clients.
#
# Versions: micrometer-registry-statsd 1.17.2, java-statsd-client 3.1.0, java-dogstatsd-client 4.4.3 (Maven); hot-shots 17.1.1, and as the
# server the original statsd 0.9.0 (npm); Java 17, Node 20. Python 3.11 only asks the server.
# A good guess: a gauge is what it was last set to. That StatsD reads a sign as "change by" is for those who send such text themselves; a library's
# `gauge(name, -20)` sets, by a 0 before it, which is what the protocol has for that, or says that it cannot.
# What happens: one of these clients sends the 0 before, java-statsd-client. The others send `nps:-20|g`, which the server adds to what it had. The
# first value, below 0 on an empty server, is right, so that a test of it passes. Micrometer tells its gauges every 10 seconds, whether they changed or
# not (each second here), and the figure falls by 20 each time, until the score is above 0 again.
# Matters because: a net promoter score, a balance, and growth of revenue are below 0 as a matter of course. The worse it is, the faster the shown figure
# falls, and it is right again the moment the score is above 0. Move such figures by a constant, or send them by another way.
#
# Output seen (2026-12-01; told 30, -20, -20, 10, shown):
#   java-statsd-client: 30, -20, -20, 10
#   java-dogstatsd-client: 30, 10, -10, 10
#   micrometer: told 30 and then -20: 30, and then lower by 20s, to below -20
#   hot-shots: 30, 10, -10, 10
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
cd "$folder"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>gauges</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.micrometer</groupId><artifactId>micrometer-registry-statsd</artifactId><version>1.17.2</version></dependency>
    <dependency><groupId>com.timgroup</groupId><artifactId>java-statsd-client</artifactId><version>3.1.0</version></dependency>
    <dependency><groupId>com.datadoghq</groupId><artifactId>java-dogstatsd-client</artifactId><version>4.4.3</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=libs > log 2>&1
(npm init -y && npm install --no-audit --no-fund --omit=optional --ignore-scripts statsd@0.9.0 hot-shots@17.1.1) > log 2>&1
read -r port asked < <(python3 -c '
import socket
udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
udp.bind(("127.0.0.1", 0)), tcp.bind(("127.0.0.1", 0))
print(udp.getsockname()[1], tcp.getsockname()[1])')
cat > config.js <<JS
{ address: "127.0.0.1", port: $port, mgmt_address: "127.0.0.1", mgmt_port: $asked, flushInterval: 60000, backends: [] }
JS
node node_modules/statsd/stats.js config.js > server.log 2>&1 &
server=$!

cat > shown.py <<'PY'
"""What the server shows for a gauge."""
import re
import socket
import time


def shown(port, name):
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(b"gauges\n")
                told = b""
                while b"END" not in told:
                    told += line.recv(65536)
        except ConnectionRefusedError:
            time.sleep(0.1)
            continue
        found = re.search(rf"{name}[.a-z]*'?: (-?\d+)", told.decode())
        return found[1] if found else "nothing"
PY
cat > run.py <<'PY'
"""Has a client tell 30, -20, -20, 10, and asks the server after each."""
import subprocess
import sys
import time

from shown import shown

port, asked, title, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
shown(asked, name)
client = subprocess.Popen(sys.argv[5:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
told = []
for value in (30, -20) if name == "micrometer" else (30, -20, -20, 10):
    client.stdin.write(f"{value}\n")
    client.stdin.flush()
    client.stdout.readline()
    if name == "micrometer":
        until = time.time() + 60
        while time.time() < until and len(told) < (1 if value == 30 else 4):
            seen = shown(asked, name)
            if seen != "nothing" and (not told or told[-1] != seen):
                told.append(seen)
            time.sleep(0.05)
    else:
        time.sleep(2)
        told.append(shown(asked, name))
client.stdin.close()
client.kill()
if name == "micrometer":
    falls = [int(after) - int(before) for before, after in zip(told, told[1:])]
    fell = len(falls) >= 2 and all(fall % 20 == 0 and fall < 0 for fall in falls) and int(told[-1]) < -20
    print(f"{title}: told 30 and then -20: {told[0]}, and then " + ("lower by 20s, to below -20" if fell else ", ".join(told[1:])))
else:
    print(f"{title}: {', '.join(told)}")
PY
cat > Told.java <<'JAVA'
import com.timgroup.statsd.NonBlockingStatsDClientBuilder;
import io.micrometer.core.instrument.Clock;
import io.micrometer.statsd.StatsdConfig;
import io.micrometer.statsd.StatsdFlavor;
import io.micrometer.statsd.StatsdMeterRegistry;
import java.time.Duration;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

class Told {
    static LongConsumer client(String name, int port) {
        if (name.equals("dogjava")) {
            var client = new NonBlockingStatsDClientBuilder().hostname("127.0.0.1").port(port).enableTelemetry(false)
                .enableAggregation(false).originDetectionEnabled(false).build();
            return value -> client.gauge(name, value);
        }
        var score = new AtomicLong();
        var registry = new StatsdMeterRegistry(new StatsdConfig() {
            @Override public String get(String key) { return null; }
            @Override public StatsdFlavor flavor() { return StatsdFlavor.ETSY; }
            @Override public int port() { return port; }
            @Override public Duration pollingFrequency() { return Duration.ofSeconds(1); }
        }, Clock.SYSTEM);
        return value -> {
            score.set(value);
            if (registry.getMeters().isEmpty()) registry.gauge(name, score);
        };
    }

    public static void main(String[] arguments) {
        var client = client(arguments[0], Integer.parseInt(arguments[1]));
        for (var values = new Scanner(System.in); values.hasNextLong(); System.out.println("told")) client.accept(values.nextLong());
    }
}
JAVA
cat > Timgroup.java <<'JAVA'
import com.timgroup.statsd.NonBlockingStatsDClient;
import java.util.Scanner;

class Timgroup {
    public static void main(String[] arguments) {
        var client = new NonBlockingStatsDClient("", "127.0.0.1", Integer.parseInt(arguments[0]));
        for (var values = new Scanner(System.in); values.hasNextLong(); System.out.println("told")) client.recordGaugeValue("timgroup", values.nextLong());
    }
}
JAVA
cat > told.mjs <<'JS'
import { createInterface } from "node:readline";
import { StatsD } from "hot-shots";

const client = new StatsD({ host: "127.0.0.1", port: Number(process.argv[2]) });
for await (const line of createInterface(process.stdin)) {
  client.gauge("hotshots", Number(line));
  console.log("told");
}
JS
mkdir tim others
mv libs/java-statsd-client-*.jar tim
run() { python3 run.py "$port" "$asked" "$@"; }
{
    run java-statsd-client timgroup java -cp "tim/*" Timgroup.java "$port"
    run java-dogstatsd-client dogjava java -cp "libs/*" Told.java dogjava "$port"
    run micrometer micrometer java -cp "libs/*" Told.java micrometer "$port"
    run hot-shots hotshots node told.mjs "$port"
} 2> errors | tee seen || { cat errors >&2; exit 1; }
diff stated seen && echo "as stated"
