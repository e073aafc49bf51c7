#!/usr/bin/env bash
# Platformatic's client for Kafka puts keys where Java does while a topic has 1, 2, 4, 8 or 16 partitions, and half of them elsewhere at 6 or 12.
#
# Versions: @platformatic/kafka 2.12.1, kafkajs 2.2.4 (npm, the newest of both on 2026-11-30), kafka-clients 4.3.1 (Maven), Node 20, Java 17 with
# its compiler. No broker: each library's own function is asked.
# A good guess: the client has Kafka's murmur2, so a key's partition is that of Java's producer, as it is with KafkaJS; a test with
# eight partitions, or with one, says so.
# What happens: the hash is the same, and read as a number from 0 to 2^32, where Java takes the sign away. Modulo a power of two
# that is the same; modulo any other number it is not, for the half of keys whose hash is negative. There is a function that
# agrees, `compatibilityPartitioner`, which has to be asked for.
# Matters because: topics of 6 and 12 partitions are common, and one of 8 that grows to 12 is where it begins. The events of an account
# are then in two partitions, by the language of the service that told them: folds by account see half, and order is lost.
#
# Output seen (of 1000 keys, those in Java's partition):
#   1 partitions: kafkajs 1000, platformatic 1000, platformatic's compatibilityPartitioner 1000
#   6 partitions: kafkajs 1000, platformatic 506, platformatic's compatibilityPartitioner 1000
#   8 partitions: kafkajs 1000, platformatic 1000, platformatic's compatibilityPartitioner 1000
#   12 partitions: kafkajs 1000, platformatic 506, platformatic's compatibilityPartitioner 1000
#   16 partitions: kafkajs 1000, platformatic 1000, platformatic's compatibilityPartitioner 1000
#   50 partitions: kafkajs 1000, platformatic 506, platformatic's compatibilityPartitioner 1000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>partitions</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Partitions.java" <<'JAVA'
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

class Partitions {
    public static void main(String[] counts) {
        for (String count : counts) {
            for (int number = 0; number < 1000; number++) {
                System.out.println(BuiltInPartitioner.partitionForKey(("acct_" + number).getBytes(), Integer.parseInt(count)));
            }
        }
    }
}
JAVA
counts=(1 6 8 12 16 50)
java -cp "$folder/libs/*" "$folder/Partitions.java" "${counts[@]}" > "$folder/java"

(cd "$folder" && npm install --silent --no-fund --no-audit @platformatic/kafka@2.12.1 kafkajs@2.2.4 > "$folder/log" 2>&1)
cat > "$folder/ask.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { compatibilityPartitioner, defaultPartitioner } from '@platformatic/kafka'
import kafkajs from 'kafkajs'

const byKafkajs = kafkajs.Partitioners.DefaultPartitioner()
const java = readFileSync('java', 'utf8').trim().split('\n').map(Number)
process.argv.slice(2).map(Number).forEach((partitions, run) => {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }))
  const asked = {
    kafkajs: key => byKafkajs({ topic: 't', partitionMetadata, message: { key } }),
    platformatic: key => defaultPartitioner({}, key) % partitions, // its producer takes the rest in the same way
    "platformatic's compatibilityPartitioner": key => compatibilityPartitioner({}, key) % partitions,
  }
  const agree = ask => java.slice(1000 * run, 1000 * run + 1000).filter((at, number) => ask(Buffer.from(`acct_${number}`)) === at).length
  console.log(`${partitions} partitions: ${Object.entries(asked).map(([name, ask]) => `${name} ${agree(ask)}`).join(', ')}`)
})
JS
(cd "$folder" && node ask.mjs "${counts[@]}") | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
