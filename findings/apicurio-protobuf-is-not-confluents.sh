#!/usr/bin/env bash
# One registry, one magic byte, one id: Avro passes between three libraries, Protobuf is refused, or 1999 cents are 10.
#
# Versions: Apicurio's serdes for Kafka 3.1.7 (Java; the newest whose parts are all on Maven), Apicurio Registry 3.0.9 (3.3.3 answers alike, and wants
# Java 21), confluent-kafka 2.16.1 (PyPI), @kafkajs/confluent-schema-registry 4.1.0 (npm), Java 17 with its compiler, Maven, Python 3.11, Node 20.
# A good guess: since version 3 Apicurio's serializers begin as Confluent's do, a zero and four bytes of an id that the registry's Confluent API
# knows, and KafkaJS's library is a client for Confluent's: each reads what the others wrote, as a first topic in Avro shows.
# What happens: before a Protobuf message Confluent's serializers write the place of its type in the schema, Apicurio's a small message with the
# type's name, KafkaJS's nothing. So only Apicurio's reader takes KafkaJS's messages, and what the two others refuse KafkaJS's reader
# may take: by the length of the type's name and by the fields it refuses, is right, or makes up values, the name of the type where the
# account was empty, or a part of it with the rest of the message behind, and another amount. A type that Confluent's serializer
# registers is given back in base64, which KafkaJS's does not know.
# Matters because: a company with services in Java, Python and Node moves its registry, tries Avro, and then tells revenue in Protobuf. The type whose
# name has nine letters is right; that with fourteen has an account that does not exist, and 10 cents. One vendor's serializers per topic.
#
# Output seen (account and cents, of acct_1 and 1999):
#   avro Paid by apicurio: apicurio acct_1 1999, confluent acct_1 1999, kafkajs acct_1 1999
#   protobuf Paid by apicurio: apicurio acct_1 1999, confluent refused, kafkajs refused
#   protobuf SeatAdded by apicurio: apicurio acct_1 1999, confluent refused, kafkajs acct_1 1999
#   protobuf SeatAdded by apicurio, account empty: apicurio - 1999, confluent refused, kafkajs .SeatAdded 1999
#   protobuf SurveyAnswered by apicurio: apicurio acct_1 1999, confluent refused, kafkajs urveyAnswered..acct_1... 10
#   protobuf Paid by confluent: apicurio refused, confluent acct_1 1999, kafkajs refused
#   avro Paid by kafkajs: apicurio acct_1 1999, confluent acct_1 1999, kafkajs acct_1 1999
#   protobuf Paid by kafkajs: apicurio acct_1 1999, confluent refused, kafkajs acct_1 1999
set -euo pipefail
folder=$(mktemp -d)
server=""
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$folder"' EXIT

mvn -B -q dependency:copy -Dartifact=io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all -DoutputDirectory="$folder" > "$folder/log" 2>&1
mkdir "$folder/registry"
tar xzf "$folder/apicurio-registry-app-3.0.9-all.tar.gz" -C "$folder/registry"
java -Xmx700m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port=29180 -jar "$folder/registry/apicurio-registry-app-3.0.9-runner.jar" \
    > "$folder/log" 2>&1 &
server=$!

{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>finding</groupId><artifactId>serdes</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
    for kind in avro protobuf; do
        echo "<dependency><groupId>io.apicurio</groupId><artifactId>apicurio-registry-$kind-serde-kafka</artifactId><version>3.1.7</version></dependency>"
    done
    echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>'
    echo '</dependencies></project>'
} > "$folder/pom.xml"
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log.libs" 2>&1
cat > "$folder/Serde.java" <<'JAVA'
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import io.apicurio.registry.serde.protobuf.ProtobufKafkaDeserializer;
import io.apicurio.registry.serde.protobuf.ProtobufKafkaSerializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

class Serde {
    static final Map<String, Object> SETTINGS =
        Map.of("apicurio.registry.url", "http://127.0.0.1:29180/apis/registry/v3", "apicurio.registry.auto-register", "true");

    static <T> void write(String title, Serializer<T> serializer, String topic, T event) {
        serializer.configure(SETTINGS, false);
        System.out.println(title + "|" + HexFormat.of().formatHex(serializer.serialize(topic, new RecordHeaders(), event)));
        serializer.close();
    }

    static GenericRecord avro() {
        var schema = SchemaBuilder.record("Paid").fields().requiredString("account").requiredLong("amount").endRecord();
        return new GenericRecordBuilder(schema).set("account", "acct_1").set("amount", 1999L).build();
    }

    static DynamicMessage protobuf(String type, String account) throws Exception {
        var text = FieldDescriptorProto.newBuilder().setName("account").setNumber(1).setType(Type.TYPE_STRING);
        var cents = FieldDescriptorProto.newBuilder().setName("amount").setNumber(2).setType(Type.TYPE_INT64);
        var message = DescriptorProto.newBuilder().setName(type).addField(text).addField(cents);
        var file = FileDescriptorProto.newBuilder().setName(type + ".proto").setSyntax("proto3").setPackage("kpis").addMessageType(message).build();
        var described = FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName(type);
        var event = DynamicMessage.newBuilder(described).setField(described.findFieldByName("amount"), 1999L);
        return event.setField(described.findFieldByName("account"), account).build();
    }

    static String read(Deserializer<?> deserializer, byte[] bytes) {
        deserializer.configure(SETTINGS, false);
        try {
            Object event = deserializer.deserialize("told", new RecordHeaders(), bytes);
            if (event instanceof GenericRecord told) {
                return told.get("account") + " " + told.get("amount");
            }
            DynamicMessage told = (DynamicMessage) event;
            var described = told.getDescriptorForType();
            String account = (String) told.getField(described.findFieldByName("account"));
            return (account.isEmpty() ? "-" : account) + " " + told.getField(described.findFieldByName("amount"));
        } catch (Exception refused) {
            return "refused";
        } finally {
            deserializer.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("write")) {
            write("avro Paid by apicurio", new AvroKafkaSerializer<GenericRecord>(), "paid", avro());
            for (String type : new String[] {"Paid", "SeatAdded", "SurveyAnswered"}) {
                write("protobuf " + type + " by apicurio", new ProtobufKafkaSerializer<>(), type, protobuf(type, "acct_1"));
                if (type.equals("SeatAdded")) {
                    write("protobuf " + type + " by apicurio, account empty", new ProtobufKafkaSerializer<>(), type, protobuf(type, ""));
                }
            }
            return;
        }
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            String[] parts = line.split("\\|");
            var reader = line.startsWith("avro") ? new AvroKafkaDeserializer<GenericRecord>() : new ProtobufKafkaDeserializer<DynamicMessage>();
            System.out.println(read(reader, HexFormat.of().parseHex(parts[1])));
        }
    }
}
JAVA
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet 'confluent-kafka[avro,protobuf,schemaregistry]==2.16.1' fastavro==1.13.1 protobuf==7.36.2
cat > "$folder/serde.py" <<'PY'
import pathlib
import sys

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
CONTEXT = SerializationContext("paid-by-confluent", MessageField.VALUE)
SETTINGS = {"use.deprecated.format": False}
registry = SchemaRegistryClient({"url": "http://127.0.0.1:29180/apis/ccompat/v7"})


def type_of(name):
    file = descriptor_pb2.FileDescriptorProto(name=name + ".proto", syntax="proto3", package="kpis")
    message = file.message_type.add(name=name)
    message.field.add(name="account", number=1, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
    message.field.add(name="amount", number=2, type=FIELD.TYPE_INT64, label=FIELD.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("kpis." + name))


def read(kind, name, content):
    try:
        if kind == "avro":
            told = AvroDeserializer(registry)(content, CONTEXT)
            return f"{told['account']} {told['amount']}"
        told = ProtobufDeserializer(type_of(name), SETTINGS)(content, CONTEXT)
        return f"{told.account} {told.amount}"
    except Exception:
        return "refused"


if sys.argv[1] == "write":
    paid = type_of("Paid")
    print("protobuf Paid by confluent|" + ProtobufSerializer(paid, registry, SETTINGS)(paid(account="acct_1", amount=1999), CONTEXT).hex())
else:
    for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
        title, text = line.split("|")
        print(read(*title.split()[:2], bytes.fromhex(text)))
PY
(cd "$folder" && npm install --silent --no-fund --no-audit @kafkajs/confluent-schema-registry@4.1.0 > "$folder/log.npm" 2>&1)
cat > "$folder/serde.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'

const registry = new SchemaRegistry({ host: 'http://127.0.0.1:29180/apis/ccompat/v7' })
const shown = ({ account, amount }) => `${account.replace(/[^ -~]/g, '.')} ${amount}`
const [task, file] = process.argv.slice(2)
for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
  const [title, hex] = line.split('|')
  const bytes = Buffer.from(hex, 'hex')
  if (task === 'read') {
    console.log(await registry.decode(bytes).then(shown, () => 'refused'))
  } else if (title.includes(' Paid ')) {
    const again = await registry.encode(bytes.readUInt32BE(1), { account: 'acct_1', amount: 1999 })
    console.log(`${title.replace('apicurio', 'kafkajs')}|${again.toString('hex')}`)
  }
}
JS
for _ in $(seq 120); do
    node -e "fetch('http://127.0.0.1:29180/apis/registry/v3/system/info').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))" && break
    sleep 0.5
done
apicurio() { java -cp "$folder/libs/*" "$folder/Serde.java" "$@" 2> "$folder/log.java"; }
confluent() { "$folder/venv/bin/python" "$folder/serde.py" "$@"; }
kafkajs() { (cd "$folder" && node serde.mjs "$@"); }
apicurio write > "$folder/apicurio"
confluent write > "$folder/confluent"
kafkajs write "$folder/apicurio" > "$folder/kafkajs"
cat "$folder/apicurio" "$folder/confluent" "$folder/kafkajs" > "$folder/all"
for reader in apicurio confluent kafkajs; do $reader read "$folder/all" | sed "s/^/$reader /" > "$folder/by-$reader"; done
cut -d'|' -f1 "$folder/all" | paste -d'|' - "$folder/by-apicurio" "$folder/by-confluent" "$folder/by-kafkajs" \
    | sed 's/|/: /; s/|/, /g' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
