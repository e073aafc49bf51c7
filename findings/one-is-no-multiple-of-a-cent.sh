#!/usr/bin/env bash
# An amount that must be a multiple of 0.01 may be 0.01 and not 1, 1.10 or 99.99, or may be 99.99 and not 19.99, by the library that reads the same schema.
#
# Versions: zod 4.6.7, valibot 1.5.0, @sinclair/typebox 0.34.52, ajv 8.20.0, effect 4.1.0 (npm), Node 20; pydantic 2.14.4, msgspec 0.23.0, jsonschema 4.26.0,
# fastjsonschema 2.22.3, jsonschema-rs 0.61.2 (PyPI), Python 3.11.
# A good guess: `multipleOf: 0.01` is for amounts with cents, and who wrote it has seen to it that 0.01 is no fraction of two: by a quotient that is near
# to a whole number. An old one that does not may refuse 19.99, but no whole amount.
# What happens:
#   1. Valibot, TypeBox and msgspec take the remainder of a division of floating-point numbers, which is 0.00999... for 1: all but 0 and 0.01 are refused.
#   2. ajv and jsonschema for Python look whether the quotient is whole: 1, 1.1 and 99.99 pass, 19.99, 4.35 and 0.07 do not.
#   3. Zod, Effect, pydantic, fastjsonschema and jsonschema-rs let all amounts pass, so a schema that Zod writes for others refuses what Zod lets in.
# Matters because: such a rule stands in a contract of events that producers check in one language and consumers in another: invoices go to the
# dead letters by their last digit, some by each library. Use whole cents, or text with a pattern.
#
# Output seen (2026-11-30; which of 0.01, 1, 1.1, 99.99, 19.99, 4.35, 19.999 pass):
#   Zod: 0.01 1 1.1 99.99 19.99 4.35
#   ajv by Zod's own schema: 0.01 1 1.1 99.99
#   Effect: 0.01 1 1.1 99.99 19.99 4.35
#   Valibot: 0.01
#   TypeBox: 0.01
#   pydantic: 0.01 1 1.1 99.99 19.99 4.35
#   jsonschema by pydantic's own schema: 0.01 1 1.1 99.99
#   fastjsonschema: 0.01 1 1.1 99.99 19.99 4.35
#   jsonschema-rs: 0.01 1 1.1 99.99 19.99 4.35
#   msgspec: 0.01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund zod@4.6.7 valibot@1.5.0 @sinclair/typebox@0.34.52 ajv@8.20.0 effect@4.1.0) > "$folder/log" 2>&1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.4 msgspec==0.23.0 jsonschema==4.26.0 fastjsonschema==2.22.3 jsonschema-rs==0.61.2
cat > "$folder/amounts.mjs" <<'JS'
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import Ajv from "ajv/dist/2020.js";
import { Schema } from "effect";
import * as v from "valibot";
import { z } from "zod";

const amount = z.number().multipleOf(0.01);
const checks = {
  "Zod": (value) => amount.safeParse(value).success,
  "ajv by Zod's own schema": new Ajv.default().compile(z.toJSONSchema(amount)),
  "Effect": Schema.is(Schema.Number.pipe(Schema.check(Schema.isMultipleOf(0.01)))),
  "Valibot": (value) => v.safeParse(v.pipe(v.number(), v.multipleOf(0.01)), value).success,
  "TypeBox": (value) => Value.Check(Type.Number({ multipleOf: 0.01 }), value),
};
for (const [library, check] of Object.entries(checks)) {
  console.log(`${library}: ${[0.01, 1, 1.1, 99.99, 19.99, 4.35, 19.999].filter((value) => check(value)).join(" ")}`);
}
JS
cat > "$folder/amounts.py" <<'PY'
import json
from typing import Annotated

import fastjsonschema
import jsonschema
import jsonschema_rs
import msgspec
import pydantic

amount = pydantic.TypeAdapter(Annotated[float, pydantic.Field(multiple_of=0.01)])
schema = amount.json_schema()


def taken(check, error):
    try:
        check()
    except error:
        return False
    return True


fast = fastjsonschema.compile(schema)
checks = {
    "pydantic": lambda text: taken(lambda: amount.validate_json(text), pydantic.ValidationError),
    "jsonschema by pydantic's own schema": lambda text: jsonschema.Draft202012Validator(schema).is_valid(json.loads(text)),
    "fastjsonschema": lambda text: taken(lambda: fast(json.loads(text)), fastjsonschema.JsonSchemaException),
    "jsonschema-rs": lambda text: jsonschema_rs.is_valid(schema, json.loads(text)),
    "msgspec": lambda text: taken(lambda: msgspec.json.decode(text, type=Annotated[float, msgspec.Meta(multiple_of=0.01)]), msgspec.ValidationError),
}
for library, check in checks.items():
    print(f"{library}: {' '.join(text for text in '0.01 1 1.1 99.99 19.99 4.35 19.999'.split() if check(text))}")
PY
{
    node "$folder/amounts.mjs"
    "$folder/venv/bin/python" "$folder/amounts.py"
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
