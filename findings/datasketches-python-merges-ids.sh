#!/usr/bin/env bash
# DataSketches' count of distinct ids is 1 for a thousand of them, in Python, if they are unsigned numbers of 64 bits; prices with cents are one price.
#
# Versions: datasketches 5.2.0 (PyPI), Python 3.11, numpy 2.4.6; datasketches-java 6.2.0 (Maven), Java 17 with its compiler.
# A good guess: `update` takes a number or a text and hashes it as it is; what it cannot hash is a TypeError, as it is for None; the same
# ids have the same sketch in Java, so that a union of both counts each of them once.
# What happens:
#   1. A whole number from 2^63 on is made a double: those that are near each other are one. In HLL and Theta; CPC takes them as they are.
#      Where ids are hashes, few are alike, but the upper half of them is not what Java makes of the same 64 bits: a union counts these twice.
#   2. Whatever is no int, float or str, and can be made an int, is: Decimal, Fraction and numpy's float32 lose what is behind the point,
#      and bytes of digits, as keys of Kafka come, are a number: b"7", b"007" and 7 are one id. Other bytes are a TypeError.
# Matters because: hashes of ids are unsigned in Python, signed in Java; active users are then half as many again. Hand over texts,
# or numbers within the signed 64 bits (`n - 2**64` for the upper half).
#
# Output seen:
#   1000 ids from 2^63 on: hll 1, theta 1, cpc 1001
#   the same as texts: hll 1000, theta 1000, cpc 1008
#   Decimal 1.25, 1.5, 1.75: hll 1, theta 1, cpc 1
#   float32 1.25, 1.5, 1.75: hll 1, theta 1, cpc 1
#   float 1.25, 1.5, 1.75: hll 3, theta 3, cpc 3
#   bytes 7, 007 and the number 7: hll 1, theta 1, cpc 1
#   bytes of letters: hll TypeError, theta TypeError, cpc TypeError
#   1000 hashes of ids: Python 1000, Java 1000, both together 1510
#   the same, signed in Python: Python 1000, Java 1000, both together 1000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasketches==5.2.0 numpy==2.4.6
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>ids</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.datasketches</groupId><artifactId>datasketches-java</artifactId><version>6.2.0</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Counted.java" <<'JAVA'
import java.util.HexFormat;
import org.apache.datasketches.theta.UpdateSketch;

class Counted {
    public static void main(String[] ids) {
        UpdateSketch sketch = UpdateSketch.builder().build();
        for (String id : ids) sketch.update(Long.parseUnsignedLong(id));
        System.out.println(HexFormat.of().formatHex(sketch.compact().toByteArray()));
    }
}
JAVA
cat > "$folder/counted.py" <<'PY'
import hashlib
import subprocess
import sys
from decimal import Decimal

import datasketches
import numpy

SKETCHES = {
    "hll": lambda: datasketches.hll_sketch(14),
    "theta": datasketches.update_theta_sketch,
    "cpc": lambda: datasketches.cpc_sketch(12),
}


def counted(sketch, values):
    try:
        for value in values:
            sketch.update(value)
    except TypeError:
        return "TypeError"
    return round(sketch.get_estimate())


def told(name, values):
    print(f"{name}: " + ", ".join(f"{kind} {counted(make(), values)}" for kind, make in SKETCHES.items()))


ids = range(2**63, 2**63 + 1000)
told("1000 ids from 2^63 on", ids)
told("the same as texts", list(map(str, ids)))
told("Decimal 1.25, 1.5, 1.75", list(map(Decimal, ("1.25", "1.5", "1.75"))))
told("float32 1.25, 1.5, 1.75", numpy.array([1.25, 1.5, 1.75], numpy.float32))
told("float 1.25, 1.5, 1.75", [1.25, 1.5, 1.75])
told("bytes 7, 007 and the number 7", [b"7", b"007", 7])
told("bytes of letters", [b"u7"])

hashes = [int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=8).digest()) for number in range(1000)]
written = subprocess.run([*sys.argv[1:], *map(str, hashes)], check=True, capture_output=True, text=True).stdout
java = datasketches.compact_theta_sketch.deserialize(bytes.fromhex(written.strip()))
signed = [number - 2**64 if number >= 2**63 else number for number in hashes]
for name, numbers in (("1000 hashes of ids", hashes), ("the same, signed in Python", signed)):
    python = datasketches.update_theta_sketch()
    for number in numbers:
        python.update(number)
    union = datasketches.theta_union()
    union.update(python)
    union.update(java)
    figures = [f"{sketch.get_estimate():.0f}" for sketch in (python, java, union.get_result())]
    print(f"{name}: Python {figures[0]}, Java {figures[1]}, both together {figures[2]}")
PY
"$folder/venv/bin/python" "$folder/counted.py" java -cp "$folder/libs/*" "$folder/Counted.java" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
