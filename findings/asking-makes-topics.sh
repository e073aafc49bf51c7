#!/usr/bin/env bash
# Whether a look for a topic makes it depends on the library and on which of its objects looks: of two administration clients one does.
#
# Versions: Apache Kafka 4.3.1 (Maven; broker as it comes, so that it makes topics of those asked for), its clients for Java 17, aiokafka 0.14.0,
# confluent-kafka 2.16.1 (librdkafka) and kafka-python 3.0.12 (PyPI, Python 3.11), kafkajs 2.2.4 (npm, Node 20); 2026-11-30.
# A good guess: to describe a topic, or to ask for its partitions, changes nothing; a broker makes one for a producer that sends. At most all
# objects of a library are alike in it.
# What happens: aiokafka's administration client makes what it is asked to describe. That of librdkafka makes what list_topics names, and not
# what describe_topics does; its producer does, its consumer does not. Java's consumer makes what partitionsFor names, its administration client
# does not. kafka-python and KafkaJS make nothing here.
# Matters because: a health check, a dry run or "does it exist yet?" makes the topic, with the broker's one partition and a retention of a week. What
# is to make it properly then finds it there: with another count it fails, with the same one it leaves it as it is, and events expire. Ask for
# all topics and look among them, or turn auto.create.topics.enable off.
#
# Output seen (the topics that were made, by who asked for them, and how):
#   aiokafka-admin-describe_topics
#   aiokafka-consumer-end_offsets
#   aiokafka-producer-partitions_for
#   confluent-admin-list_topics
#   confluent-producer-list_topics
#   java-consumer-partitionsFor
#   java-producer-partitionsFor
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>asking</artifactId><version>1</version><packaging>pom</packaging>
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
controller.quorum.voters=1@127.0.0.1:29297
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:29296,CONTROLLER://127.0.0.1:29297
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
SERVER
java -cp "$folder/libs/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$folder/server.properties" > "$folder/log" 2>&1
java -Xmx512m -cp "$folder/libs/*" kafka.Kafka "$folder/server.properties" > "$folder/log" 2>&1 &
server=$!

# Each asks for a topic that nobody has made, by a name that says who asks how; what there is at the end was made by that.
cat > "$folder/Asks.java" <<'JAVA'
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class Asks {
    static final Map<String, Object> BROKER = Map.of("bootstrap.servers", "127.0.0.1:29296", "max.block.ms", "5000");

    interface Asked {
        void ask() throws Exception;
    }

    static void ask(Asked asked) {
        try {
            asked.ask();
        } catch (Exception said) {
            // that there is no such topic
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (var admin = Admin.create(BROKER)) {
            if (arguments.length > 0) {
                Set<String> made = new TreeSet<>(admin.listTopics().names().get());
                made.removeIf(name -> name.startsWith("__"));
                made.forEach(System.out::println);
                return;
            }
            ask(() -> admin.describeTopics(List.of("java-admin-describeTopics")).allTopicNames().get());
        }
        try (var consumer = new KafkaConsumer<>(BROKER, new StringDeserializer(), new StringDeserializer())) {
            ask(() -> consumer.partitionsFor("java-consumer-partitionsFor"));
        }
        try (var producer = new KafkaProducer<>(BROKER, new StringSerializer(), new StringSerializer())) {
            ask(() -> producer.partitionsFor("java-producer-partitionsFor"));
        }
    }
}
JAVA
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet aiokafka==0.14.0 confluent-kafka==2.16.1 kafka-python==3.0.12 2>"$folder/log" || cat "$folder/log"
cat > "$folder/asks.py" <<'PY'
import asyncio
import contextlib

import aiokafka
import confluent_kafka
import confluent_kafka.admin
import kafka
from aiokafka.admin import AIOKafkaAdminClient

BROKER = "127.0.0.1:29296"


async def by_aiokafka() -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=BROKER)
    await admin.start()
    await admin.describe_topics(["aiokafka-admin-describe_topics"])
    await admin.close()
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=BROKER)
    await consumer.start()
    consumer.partitions_for_topic("aiokafka-consumer-partitions_for_topic")
    with contextlib.suppress(Exception):
        await consumer.end_offsets([aiokafka.TopicPartition("aiokafka-consumer-end_offsets", 0)])
    await consumer.stop()
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=BROKER)
    await producer.start()
    with contextlib.suppress(Exception):
        await producer.partitions_for("aiokafka-producer-partitions_for")
    await producer.stop()


def by_confluent() -> None:
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": BROKER})
    admin.list_topics("confluent-admin-list_topics", timeout=10)
    with contextlib.suppress(Exception):
        names = confluent_kafka.TopicCollection(["confluent-admin-describe_topics"])
        [each.result() for each in admin.describe_topics(names).values()]
    consumer = confluent_kafka.Consumer({"bootstrap.servers": BROKER, "group.id": "g"})
    consumer.list_topics("confluent-consumer-list_topics", timeout=10)
    consumer.close()
    confluent_kafka.Producer({"bootstrap.servers": BROKER}).list_topics("confluent-producer-list_topics", timeout=10)


def by_kafka_python() -> None:
    admin = kafka.KafkaAdminClient(bootstrap_servers=BROKER)
    with contextlib.suppress(Exception):
        admin.describe_topics(["kafka-python-admin-describe_topics"])
    admin.close()
    consumer = kafka.KafkaConsumer(bootstrap_servers=BROKER)
    consumer.partitions_for_topic("kafka-python-consumer-partitions_for_topic")
    consumer.close()


asyncio.run(by_aiokafka())
by_confluent()
by_kafka_python()
PY
(cd "$folder" && npm init -y > "$folder/log" && npm install --silent kafkajs@2.2.4 > "$folder/log" 2>&1)
cat > "$folder/asks.js" <<'JS'
const { Kafka, logLevel } = require("kafkajs");
const kafka = new Kafka({ brokers: ["127.0.0.1:29296"], logLevel: logLevel.NOTHING, retry: { retries: 2 } });
(async () => {
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchTopicMetadata({ topics: ["kafkajs-admin-fetchTopicMetadata"] }).catch(() => {});
  await admin.fetchTopicOffsets("kafkajs-admin-fetchTopicOffsets").catch(() => {});
  await admin.disconnect();
})();
JS
for _ in $(seq 60); do
    java -cp "$folder/libs/*" "$folder/Asks.java" list > "$folder/log" 2>&1 && break
    sleep 1
done
java -cp "$folder/libs/*" "$folder/Asks.java" > "$folder/log" 2>&1
"$folder/venv/bin/python" "$folder/asks.py" 2> "$folder/log"
node "$folder/asks.js"
sleep 3
seen=$(java -cp "$folder/libs/*" "$folder/Asks.java" list)
echo "Kafka 4.3.1, its Java clients, aiokafka 0.14.0, confluent-kafka 2.16.1, kafka-python 3.0.12, kafkajs 2.2.4: topics that were made by asking"
echo "$seen"
expected=$(sed -n 's/^#   //p' "$0")
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
