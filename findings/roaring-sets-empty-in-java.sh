#!/usr/bin/env bash
# A set of 64-bit ids that Go or Python wrote is the empty set in Java, or refused, by the methods of the plain names.
#
# Versions: RoaringBitmap 1.6.29 (Java), pyroaring 1.2.0 (CRoaring), roaring 2.30.0 (Go); Java 17 with its compiler, Maven, Go 1.26, Python 3.11.
# A good guess: the format of Roaring bitmaps is specified, for 64 bits too, and the libraries of one project share it, as those for 32 bits
# do; of two classes for the same thing either reads it, and bytes of another format are refused.
# What happens: `serialize` and `deserialize` of both of Java's classes have formats of their own, two different ones. Roaring64NavigableMap
# reads the shared format as a set without members and says nothing: where it has the number of its parts, in the shared format
# there are zeros. Roaring64Bitmap ends with EOFException. Right is `deserializePortable`, in both.
# Matters because: who was active, kept as a set a day, is counted and intersected later by another service or by an engine that runs on
# Java: active users and retention are 0 then, which on a quiet day nobody doubts.
#
# Output seen:
#   of go: 4 ids; Roaring64NavigableMap deserialize 0, portable 4; Roaring64Bitmap deserialize EOFException, portable 4
#   of python: 4 ids; Roaring64NavigableMap deserialize 0, portable 4; Roaring64Bitmap deserialize EOFException, portable 4
#   still active the week after, by Roaring64NavigableMap: deserialize 0, portable 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyroaring==1.2.0
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>sets</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.roaringbitmap</groupId><artifactId>RoaringBitmap</artifactId><version>1.6.29</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

mkdir "$folder/go"
cat > "$folder/go/written.go" <<'GO'
package main

import (
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

func main() {
	bytes, _ := roaring64.BitmapOf(1, 2, 3, 1<<40).ToBytes()
	fmt.Printf("%x", bytes)
}
GO
(cd "$folder/go" && go mod init written && go get github.com/RoaringBitmap/roaring/v2@v2.30.0 && go build -o written .) > "$folder/log" 2>&1
cat > "$folder/Read.java" <<'JAVA'
import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.HexFormat;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

class Read {
    interface Reading {
        void from(DataInput bytes) throws IOException;
    }

    static DataInput of(String bytes) {
        return new DataInputStream(new ByteArrayInputStream(HexFormat.of().parseHex(bytes)));
    }

    static String refused(Reading reading, String bytes) throws IOException {
        try {
            reading.from(of(bytes));
            return "";
        } catch (EOFException error) {
            return "EOFException";
        }
    }

    public static void main(String[] arguments) throws IOException {
        for (int number = 0; number < 2; number++) {
            String bytes = arguments[number];
            Roaring64NavigableMap map = new Roaring64NavigableMap(), portableMap = new Roaring64NavigableMap();
            Roaring64Bitmap bitmap = new Roaring64Bitmap(), portableBitmap = new Roaring64Bitmap();
            map.deserialize(of(bytes));
            portableMap.deserializePortable(of(bytes));
            String told = refused(bitmap::deserialize, bytes);
            portableBitmap.deserializePortable(of(bytes));
            System.out.printf(
                "of %s: 4 ids; Roaring64NavigableMap deserialize %d, portable %d; Roaring64Bitmap deserialize %s, portable %d%n",
                number == 0 ? "go" : "python", map.getLongCardinality(), portableMap.getLongCardinality(),
                told.isEmpty() ? bitmap.getLongCardinality() : told, portableBitmap.getLongCardinality());
        }
        Roaring64NavigableMap first = new Roaring64NavigableMap(), next = new Roaring64NavigableMap();
        first.deserialize(of(arguments[1]));
        next.deserialize(of(arguments[2]));
        first.and(next);
        Roaring64NavigableMap portable = new Roaring64NavigableMap(), portableNext = new Roaring64NavigableMap();
        portable.deserializePortable(of(arguments[1]));
        portableNext.deserializePortable(of(arguments[2]));
        portable.and(portableNext);
        System.out.printf("still active the week after, by Roaring64NavigableMap: deserialize %d, portable %d%n",
            first.getLongCardinality(), portable.getLongCardinality());
    }
}
JAVA
of_python() {
    "$folder/venv/bin/python" -c 'import sys, pyroaring; print(pyroaring.BitMap64(map(int, sys.argv[1:])).serialize().hex())' "$@"
}
java -cp "$folder/libs/*" "$folder/Read.java" "$("$folder/go/written")" "$(of_python 1 2 3 1099511627776)" "$(of_python 2 3 1099511627776)" \
    | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
