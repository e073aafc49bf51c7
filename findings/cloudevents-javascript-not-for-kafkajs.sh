#!/usr/bin/env bash
# What CloudEvents' library for JavaScript makes for Kafka the client KafkaJS refuses, and what KafkaJS hands over it cannot read.
#
# Versions: cloudevents 10.0.0, kafkajs 2.2.4 (npm, the newest of both on 2026-11-29), Node 20. No broker: records are written and read by
# the client's own coder.
# A good guess: `Kafka.binary(event)` is a message for `producer.send`, `Kafka.toEvent(message)` takes what `eachMessage` gets, and both modes
# say the same of an event.
# What happens:
#   1. Binary mode names headers for attributes that the event does not have, as undefined, and leaves data that is an object
#      as an object. KafkaJS refuses either. Without a content type of its own the event gets none; one that it has is there
#      twice, as `content-type` and as `ce_datacontenttype`, where the specification has the former.
#   2. Headers come from Kafka as bytes; `toEvent` wants texts, and ends with a TypeError in structured mode.
#   3. Structured mode cuts the time to milliseconds, binary mode does not: one event, two contents.
#   4. An event that has no time, which is optional, is read from Kafka with an invalid one: it cannot be written again.
# Matters because: a service in Node that tells its events finds it out in production, and mends it by hand. What has worked
# here: structured mode, headers and time as texts; or the attributes put into headers by one's own lines.
#
# Output seen:
#   binary, data an object: refused ERR_INVALID_ARG_TYPE
#   binary, data a text: refused ERR_INVALID_ARG_TYPE
#   structured: written
#   structured, read as it comes: TypeError
#   structured, read with headers as texts: feature.used
#   time of 9 digits: binary 2026-03-01T00:00:00.123456789Z, structured 2026-03-01T00:00:00.123Z
#   without a time, read and written again: RangeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund cloudevents@10.0.0 kafkajs@2.2.4 > log 2>&1)

cat > "$folder/cross.js" <<'JS'
const { CloudEvent, Kafka } = require("cloudevents");
const Decoder = require("kafkajs/src/protocol/decoder");
const decode = require("kafkajs/src/protocol/recordBatch/record/v0/decoder");
const encode = require("kafkajs/src/protocol/recordBatch/record/v0");

const attributes = { id: "1", source: "/app", type: "feature.used", time: "2026-03-01T00:00:00.123456789Z" };
const event = new CloudEvent({ ...attributes, partitionkey: "acme", data: { feature: "export" } });
const withText = new CloudEvent({ ...attributes, datacontenttype: "application/json", data: '{"feature":"export"}' });

// What a consumer gets of a message that a producer was given.
function passed(message) {
  const { key, value, headers } = message;
  const decoder = new Decoder(encode({ offsetDelta: 0, timestampDelta: 0, key, value, headers }).buffer);
  decoder.readVarInt(); // the record's length
  return decode(decoder, { firstOffset: "0", firstTimestamp: "0", magicByte: 2 });
}

function told(what, action) {
  try {
    console.log(`${what}: ${action()}`);
  } catch (error) {
    console.log(`${what}: ${error.code ? "refused " + error.code : error.name}`);
  }
}

told("binary, data an object", () => passed(Kafka.binary(event)) && "written");
told("binary, data a text", () => passed(Kafka.binary(withText)) && "written");
told("structured", () => passed(Kafka.structured(event)) && "written");

const record = passed(Kafka.structured(event));
const headers = Object.fromEntries(Object.entries(record.headers).map(([name, bytes]) => [name, bytes.toString()]));
told("structured, read as it comes", () => Kafka.toEvent(record).type);
told("structured, read with headers as texts", () => Kafka.toEvent({ ...record, headers }).type);

const ofBinary = Kafka.binary(event).headers.ce_time;
console.log(`time of 9 digits: binary ${ofBinary}, structured ${JSON.parse(Kafka.structured(event).value).time}`);

const timeless = JSON.stringify({ specversion: "1.0", id: "1", source: "/app", type: "feature.used", data: {} });
told("without a time, read and written again", () => Kafka.structured(Kafka.toEvent({ headers, value: timeless })).value);
JS

node "$folder/cross.js" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
