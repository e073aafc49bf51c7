#!/usr/bin/env bash
# A model that was generated from a schema leaves out `false`, 0 or an empty list that it was given, or tells an empty list that nobody gave.
#
# Versions: go-jsonschema 0.24.1 (Go), quicktype 26.0.0 (npm), jsonschema2pojo 1.2.2 with Jackson 2.21.2 (Maven), datamodel-code-generator 0.89.0
# with pydantic 2.13.5; Go 1.26, Node 20, Java 17 with its compiler, Python 3.11.
# A good guess: what a generator makes of a JSON Schema writes valid documents as it read them; at worst it adds the defaults that the
# schema names, or a null, and means the same.
# What happens: for a boolean of the default `true`, a number of the default 1, and a list that may be left out:
#   1. go-jsonschema fills in defaults when it reads, and leaves out false, 0 and [] when it writes: `livemode: false` is told
#      as no word of it, which is true. Its fields with a default are no pointers, so that a program cannot say false at all.
#   2. quicktype's Go leaves out [].
#   3. jsonschema2pojo makes [] of a list that was left out.
#   4. datamodel-code-generator makes null of it, which the schema refuses.
# Matters because: in a log of facts, left out and empty are two facts: "as before" and "none". A cancelled state whose `items` are [] goes on
# to bring revenue, tests are counted as sales, or an update of a name takes all lines away. Nothing fails but in the last case.
# Write events from maps, or set the options (in Java `initializeCollections`, in Python `exclude_unset=True`), and try both words.
#
# Output seen:
#   {"id":"s"}: go-jsonschema {"id":"s","livemode":true,"quantity":1}, quicktype {"id":"s"}, java {"id":"s","livemode":true,"quantity":1,"items":[]}, python {"id":"s","livemode":true,"quantity":1,"items":null}
#   {"id":"s","items":[]}: go-jsonschema {"id":"s","livemode":true,"quantity":1}, quicktype {"id":"s"}, java {"id":"s","livemode":true,"quantity":1,"items":[]}, python {"id":"s","livemode":true,"quantity":1,"items":[]}
#   {"id":"s","livemode":false}: go-jsonschema {"id":"s","quantity":1}, quicktype {"id":"s","livemode":false}, java {"id":"s","livemode":false,"quantity":1,"items":[]}, python {"id":"s","livemode":false,"quantity":1,"items":null}
#   {"id":"s","quantity":0}: go-jsonschema {"id":"s","livemode":true}, quicktype {"id":"s","quantity":0}, java {"id":"s","livemode":true,"quantity":0,"items":[]}, python {"id":"s","livemode":true,"quantity":0,"items":null}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
texts=('{"id":"s"}' '{"id":"s","items":[]}' '{"id":"s","livemode":false}' '{"id":"s","quantity":0}')
cat > "$folder/state.json" <<'JSON'
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "State",
  "type": "object",
  "required": ["id"],
  "properties": {
    "id": {"type": "string"},
    "livemode": {"type": "boolean", "default": true},
    "quantity": {"type": "integer", "default": 1},
    "items": {"type": "array", "items": {"type": "string"}}
  }
}
JSON

of_go() { # the folder of a model, the name of its type
    cat > "$1/main.go" <<GO
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	for _, text := range os.Args[1:] {
		var state $2
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			panic(err)
		}
		again, _ := json.Marshal(state)
		fmt.Println(string(again))
	}
}
GO
    (cd "$1" && go mod init state && go build -o state .) 2> "$folder/log"
    "$1/state" "${texts[@]}" > "$1/told"
}

mkdir "$folder/go" "$folder/quicktype" "$folder/python" "$folder/java"
GOBIN=$folder go install github.com/atombender/go-jsonschema@v0.24.1 2> "$folder/log"
"$folder/go-jsonschema" -p main "$folder/state.json" > "$folder/go/model.go"
of_go "$folder/go" StateJson

(cd "$folder/quicktype" && npm install --silent --no-fund --no-audit quicktype@26.0.0 > "$folder/log" 2>&1)
"$folder/quicktype/node_modules/.bin/quicktype" -s schema --lang go --package main --top-level State -o "$folder/quicktype/model.go" "$folder/state.json"
of_go "$folder/quicktype" State

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>models</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.jsonschema2pojo</groupId><artifactId>jsonschema2pojo-core</artifactId><version>1.2.2</version></dependency>
    <dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>2.21.2</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Generate.java" <<'JAVA'
import com.sun.codemodel.JCodeModel;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jsonschema2pojo.DefaultGenerationConfig;
import org.jsonschema2pojo.Jackson2Annotator;
import org.jsonschema2pojo.SchemaGenerator;
import org.jsonschema2pojo.SchemaMapper;
import org.jsonschema2pojo.SchemaStore;
import org.jsonschema2pojo.rules.RuleFactory;

class Generate {
    public static void main(String[] arguments) throws Exception {
        DefaultGenerationConfig config = new DefaultGenerationConfig();
        RuleFactory rules = new RuleFactory(config, new Jackson2Annotator(config), new SchemaStore());
        JCodeModel model = new JCodeModel();
        String schema = Files.readString(Path.of(arguments[0]));
        new SchemaMapper(rules, new SchemaGenerator()).generate(model, "State", "told", schema);
        model.build(new File(arguments[1]), (PrintStream) null);
    }
}
JAVA
cat > "$folder/java/Told.java" <<'JAVA'
import com.fasterxml.jackson.databind.ObjectMapper;
import told.State;

class Told {
    public static void main(String[] texts) throws Exception {
        ObjectMapper json = new ObjectMapper();
        for (String text : texts) {
            System.out.println(json.writeValueAsString(json.readValue(text, State.class)));
        }
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Generate.java" "$folder/state.json" "$folder/java"
javac -cp "$folder/libs/*" -d "$folder/java/classes" "$folder/java/told/State.java" "$folder/java/Told.java" 2> "$folder/log"
java -cp "$folder/java/classes:$folder/libs/*" Told "${texts[@]}" > "$folder/java/told.txt"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datamodel-code-generator==0.89.0 pydantic==2.13.5
"$folder/venv/bin/datamodel-codegen" --input "$folder/state.json" --input-file-type jsonschema \
    --output-model-type pydantic_v2.BaseModel --output "$folder/python/model.py" 2> "$folder/log"
PYTHONPATH=$folder/python "$folder/venv/bin/python" - "${texts[@]}" > "$folder/python/told" <<'PY'
import sys

import model

for text in sys.argv[1:]:
    print(model.State.model_validate_json(text).model_dump_json())
PY

line() { # a file, a number
    sed -n "$2p" "$1"
}
for number in 1 2 3 4; do
    echo "${texts[$((number - 1))]}: go-jsonschema $(line "$folder/go/told" $number), quicktype $(line "$folder/quicktype/told" $number)," \
        "java $(line "$folder/java/told.txt" $number), python $(line "$folder/python/told" $number)"
done | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
