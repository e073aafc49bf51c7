#!/usr/bin/env bash
# Debezium's PartitionRouting, told to hash by `murmur`, does not put a key where Kafka's producers put it.
#
# Versions: Debezium 3.7.0.Final, kafka-clients 4.3.1, Java 17 with its compiler, Maven.
# A good guess: Kafka's partitioner is murmur2, and `partition.hash.function=murmur` is there to agree with it: a change of the
# row of account A goes to the partition in which A's other records are, sent under the key A by any producer.
# What happens: it is MurmurHash3, another function. Of 1000 accounts and 8 partitions 128 agree, as many as by chance; with
# `java`, the other choice, 131.
# Matters because: joins and folds by account need both topics cut alike. Nothing fails: each account's records are merely in
# two places, and a reader that holds one partition sees half of them. No setting of the transform mends it. To leave it out and let
# the producer hash the key does, where the record's key is the account and nothing else (StringConverter, no JSON quotes).
#
# Output seen:
#   murmur: 128 of 1000 accounts where Kafka's murmur2 has them
#   java: 131 of 1000 accounts where Kafka's murmur2 has them
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>routing</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.debezium</groupId><artifactId>debezium-connector-postgres</artifactId><version>3.7.0.Final</version>
    </dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Routed.java" <<'JAVA'
import io.debezium.data.Envelope;
import io.debezium.transforms.partitions.PartitionRouting;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

class Routed {
    static final int PARTITIONS = 8;

    public static void main(String[] arguments) {
        Schema row = SchemaBuilder.struct().name("row").optional().field("account_id", Schema.STRING_SCHEMA).build();
        Schema source = SchemaBuilder.struct().name("source").field("db", Schema.OPTIONAL_STRING_SCHEMA).build();
        Envelope envelope = Envelope.defineSchema().withName("accounts.Envelope").withRecord(row).withSource(source).build();
        for (String function : new String[] {"murmur", "java"}) {
            PartitionRouting<SourceRecord> routing = new PartitionRouting<>();
            routing.configure(Map.of(
                "partition.payload.fields", "change.account_id",
                "partition.topic.num", String.valueOf(PARTITIONS),
                "partition.hash.function", function));
            int alike = 0;
            for (int number = 0; number < 1000; number++) {
                String account = "acct_" + number;
                Struct change = envelope.create(new Struct(row).put("account_id", account), null, Instant.EPOCH);
                SourceRecord record = new SourceRecord(Map.of(), Map.of(), "accounts", null, null, null, envelope.schema(), change);
                int kafka = BuiltInPartitioner.partitionForKey(account.getBytes(), PARTITIONS);
                alike += routing.apply(record).kafkaPartition() == kafka ? 1 : 0;
            }
            System.out.println(function + ": " + alike + " of 1000 accounts where Kafka's murmur2 has them");
        }
    }
}
JAVA

java -cp "$folder/libs/*" "$folder/Routed.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
