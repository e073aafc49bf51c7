#!/usr/bin/env bash
# A group that has read all there is stays behind, by one for each partition or by all that was aborted last, with franz-go and KafkaJS.
#
# Versions: franz-go 1.22.3 (Go), kafkajs 2.2.4 (npm), aiokafka 0.14.0 and confluent-kafka 2.16.1 (librdkafka; PyPI), Apache Kafka 4.3.1 (Maven) with
# either protocol of its groups; Go 1.26, Node 20, Python 3.11, Java 17 with its compiler.
# A good guess: a consumer that commits what it has polled commits its position, and that is at the end once nothing is left, whether the last
# entries are events, marks of a transaction's end, or events that were aborted and are not handed over. Lag is then 0.
# What happens: so it is with Java's, librdkafka and aiokafka. The two others commit one past the last event that they handed over: with
# transactions, even with committed ones, lag never gets to 0, and after aborted ones it is as large as these were. A group that has
# seen aborted ones alone has no offset at all.
# Matters because: alerts and autoscalers work on lag; topics of Kafka Streams or Flink with exactly-once are full of such marks. A worker is kept,
# or an alert fires, for a quiet topic that has been read to its end; a rule of "above 0" holds for ever, and which client reads
# decides. Alert on lag that grows, or on the age of the oldest event that is not yet read.
#
# Output seen (behind, when all has been read):
#   three committed: java classic 0, java consumer 0, librdkafka 0, aiokafka 0, franz-go 1, kafkajs 1
#   one committed, then 500 events aborted: java classic 0, java consumer 0, librdkafka 0, aiokafka 0, franz-go 502, kafkajs 502
#   500 events aborted, nothing else: java classic 0, java consumer 0, librdkafka 0, aiokafka 0, franz-go no offset, kafkajs no offset
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>behind</artifactId><version>1</version><packaging>pom</packaging>
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
controller.quorum.voters=1@127.0.0.1:29295
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:29294,CONTROLLER://127.0.0.1:29295
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

# `a` is a transaction of 500 events that is aborted, `c` one of 10 that is committed. Readers stop after three quiet seconds.
cat > "$folder/Told.java" <<'JAVA'
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class Told {
    static final String BROKER = "127.0.0.1:29294";

    static void tell(String topic) {
        Map<String, Object> settings = Map.of("bootstrap.servers", BROKER, "transactional.id", topic);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            for (String kind : topic.split("")) {
                producer.beginTransaction();
                for (int event = 0; event < (kind.equals("a") ? 500 : 10); event++) {
                    producer.send(new ProducerRecord<>(topic, "acct_1", kind));
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

    static void read(String topic, String protocol) {
        Map<String, Object> settings = Map.of("bootstrap.servers", BROKER, "group.id", topic + " java " + protocol, "group.protocol", protocol,
            "auto.offset.reset", "earliest", "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            for (int quiet = 0; quiet < 6; quiet++) {
                if (!consumer.poll(Duration.ofMillis(500)).isEmpty()) {
                    quiet = 0;
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER))) {
            if (arguments[0].equals("tell")) {
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
                tell(topic);
                read(topic, "classic");
                read(topic, "consumer");
                return;
            }
            var partition = new TopicPartition(topic, 0);
            long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get().get(partition).offset();
            List<String> told = new ArrayList<>();
            for (String reader : List.of("java classic", "java consumer", "librdkafka", "aiokafka", "franz-go", "kafkajs")) {
                var offset = admin.listConsumerGroupOffsets(topic + " " + reader).partitionsToOffsetAndMetadata().get().get(partition);
                told.add(reader + " " + (offset == null ? "no offset" : end - offset.offset()));
            }
            System.out.println(String.join(", ", told));
        }
    }
}
JAVA
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet aiokafka==0.14.0 confluent-kafka==2.16.1
cat > "$folder/read.py" <<'PY'
import asyncio
import sys

from aiokafka import AIOKafkaConsumer
from confluent_kafka import Consumer

BROKER, topic = "127.0.0.1:29294", sys.argv[1]


async def by_aiokafka():
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=BROKER, group_id=topic + " aiokafka", auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    quiet = 0
    while quiet < 6:
        quiet = 0 if await consumer.getmany(timeout_ms=500) else quiet + 1
    await consumer.stop()


asyncio.run(by_aiokafka())
settings = {"bootstrap.servers": BROKER, "group.id": topic + " librdkafka", "auto.offset.reset": "earliest", "isolation.level": "read_committed"}
consumer = Consumer(settings)
consumer.subscribe([topic])
quiet = 0
while quiet < 6:
    quiet = 0 if consumer.poll(0.5) else quiet + 1
consumer.close()
PY
mkdir "$folder/go"
cat > "$folder/go/read.go" <<'GO'
package main

import (
	"context"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:29294"), kgo.ConsumeTopics(os.Args[1]), kgo.ConsumerGroup(os.Args[1]+" franz-go"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		panic(err)
	}
	for quiet := 0; quiet < 6; quiet++ {
		within, end := context.WithTimeout(context.Background(), 500*time.Millisecond)
		if client.PollFetches(within).NumRecords() > 0 {
			quiet = 0
		}
		end()
	}
	if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
		panic(err)
	}
	client.Close()
}
GO
(cd "$folder/go" && go mod init read && go get github.com/twmb/franz-go/pkg/kgo@v1.22.3 && go build -o read .) > "$folder/log" 2>&1
(cd "$folder" && npm install --silent --no-fund --no-audit kafkajs@2.2.4 > "$folder/log" 2>&1)
cat > "$folder/read.mjs" <<'JS'
import kafkajs from 'kafkajs'

const [topic] = process.argv.slice(2)
const consumer = new kafkajs.Kafka({ brokers: ['127.0.0.1:29294'], logLevel: 0 }).consumer({ groupId: `${topic} kafkajs` })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
let last = Date.now()
await consumer.run({ eachMessage: async () => { last = Date.now() } })
while (Date.now() - last < 3000) await new Promise(resolve => setTimeout(resolve, 100))
await consumer.disconnect()
JS

ask() {
    java -cp "$folder/libs/*" "$folder/Told.java" tell "$2"
    "$folder/venv/bin/python" "$folder/read.py" "$2"
    "$folder/go/read" "$2"
    (cd "$folder" && node read.mjs "$2")
    echo "$1: $(java -cp "$folder/libs/*" "$folder/Told.java" ask "$2")"
}
{
    ask "three committed" ccc
    ask "one committed, then 500 events aborted" ca
    ask "500 events aborted, nothing else" a
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
