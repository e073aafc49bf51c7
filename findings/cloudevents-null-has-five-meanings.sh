#!/usr/bin/env bash
# An attribute of a CloudEvent that is null in JSON is, by library, not there, the text "null", 1970, now or an error.
#
# Versions: the libraries for Java 4.0.1, JavaScript 10.0.0 (npm), Go 2.16.2, Python 2.2.0; Java 17 with its compiler, Maven, Node 20,
# Go 1.26, Python 3.11.
# A good guess: the JSON format of CloudEvents 1.0.2 says that null is the same as left out, so the project's own libraries read it so.
# What happens: Go's does. Java's does for the attributes of the specification, and makes the text "null" of others: a
# `partitionkey` of null, as languages with options write it, becomes the key "null" of the Kafka record, so that all such events
# are in one partition. JavaScript's turns a `time` of null into 1970-01-01 if it came by Kafka, and into now if it came by HTTP,
# and passes others on as null. Python's refuses those of the specification, and passes others on.
# Matters because: events that pass a gateway or a router in one of these languages have another time, key or sequence after it,
# and are valid. Leave out what has no value.
#
# Output seen:
#   time of null: java left out, javascript 1970-01-01T00:00:00.000Z, go left out, python refused
#   subject of null: java left out, javascript null, go left out, python refused
#   partitionkey of null: java "null", javascript null, go left out, python null
#   time of null that came by HTTP: javascript now
#   key of the record by java's interceptor: "null"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>nulls</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.cloudevents</groupId><artifactId>cloudevents-json-jackson</artifactId><version>4.0.1</version></dependency>
    <dependency><groupId>io.cloudevents</groupId><artifactId>cloudevents-kafka</artifactId><version>4.0.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
(cd "$folder" && npm install --silent --no-audit --no-fund cloudevents@10.0.0 > "$folder/log" 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet cloudevents==2.2.0

# Each reads an event from the first argument and prints it as its own library writes it, or nothing where it is refused.
cat > "$folder/Passed.java" <<'JAVA'
import io.cloudevents.CloudEvent;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.kafka.PartitionKeyExtensionInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;

class Passed {
    public static void main(String[] arguments) {
        EventFormat format = EventFormatProvider.getInstance().resolveFormat("application/cloudevents+json");
        CloudEvent event = format.deserialize(arguments[0].getBytes());
        System.out.println(new String(format.serialize(event)));
        ProducerRecord<Object, CloudEvent> record = new ProducerRecord<>("events", event);
        System.err.println(new PartitionKeyExtensionInterceptor().onSend(record).key() instanceof String key ? '"' + key + '"' : "none");
    }
}
JAVA
cat > "$folder/passed.js" <<'JS'
const { HTTP, Kafka } = require("cloudevents");
const headers = { "content-type": "application/cloudevents+json" };
const body = process.argv[2];
console.log(JSON.stringify(Kafka.toEvent({ headers, body, value: body, key: null })));
console.error(HTTP.toEvent({ headers, body }).time.slice(0, 4) === "1970" ? "1970" : "now");
JS
mkdir "$folder/go"
cat > "$folder/go/passed.go" <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
)

func main() {
	var event cloudevents.Event
	if json.Unmarshal([]byte(os.Args[1]), &event) == nil {
		written, _ := json.Marshal(event)
		fmt.Println(string(written))
	}
}
GO
(cd "$folder/go" && go mod init passed && go get github.com/cloudevents/sdk-go/v2@v2.16.2 && go build -o passed .) > "$folder/log" 2>&1
cat > "$folder/passed.py" <<'PY'
import sys

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

try:
    print(JSONFormat().write(JSONFormat().read(CloudEvent, sys.argv[1].encode())).decode())
except (CloudEventValidationError, TypeError):
    pass
PY

for name in time subject partitionkey; do
    event='{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-03-01T00:00:00Z","'$name'":null,"data":{}}'
    [ "$name" != time ] || event=${event/'"time":"2026-03-01T00:00:00Z",'/}
    java -cp "$folder/libs/*" "$folder/Passed.java" "$event" > "$folder/java" 2> "$folder/key"
    (cd "$folder" && node passed.js "$event" > javascript 2> http)
    [ "$name" != time ] || now=$(cat "$folder/http")
    "$folder/go/passed" "$event" > "$folder/go-said"
    "$folder/venv/bin/python" "$folder/passed.py" "$event" > "$folder/python"
    python3 - "$folder" "$name" <<'PY'
import json
import pathlib
import sys

folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]


def told(file):
    text = (folder / file).read_text()
    if not text:
        return "refused"
    value = json.loads(text).get(name, "left out")
    return '"null"' if value == "null" else "null" if value is None else value


files = {"java": "java", "javascript": "javascript", "go": "go-said", "python": "python"}
print(f"{name} of null: " + ", ".join(f"{language} {told(file)}" for language, file in files.items()))
PY
done > "$folder/seen"
echo "time of null that came by HTTP: javascript $now" >> "$folder/seen"
echo "key of the record by java's interceptor: $(tail -n 1 "$folder/key")" >> "$folder/seen"
cat "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
