#!/usr/bin/env bash
# The NPS of 100 answers is -20, 20 or 0 by sketches that are asked for the share of 6 and less; one sketch's bytes say -20 in Java and 20 in Python.
#
# Versions: datasketches-java 6.2.0 and t-digest 3.3 (Maven), datasketches 5.2.0, fastdigest 0.12.0, pytdigest 0.1.4 and crick 0.0.8 (PyPI), tdigest
# 0.1.3 (npm), tdigest of InfluxData 0.0.1 (Go); Java 17 with its compiler, Python 3.11, Node 20, Go 1.26.
# A good guess: `getRank(6)`, `cdf(6)` are the share of answers that are at most 6, which is what a distribution function is; with 100 answers, 7
# different ones, a sketch is exact or near it; and a format that is shared by two languages of one project is asked alike in both.
# What happens: KLL's and REQ's sketches of Java count the 6 as a part, those of Python do not (`inclusive` is True there, False here; the
# median of 1 to 4 is 2 there, 3 here). Of seven t-digests four count half of those who are equal, as values are continuous to them; one counts
# none, two nearly all. With few values and many answers each, that is the larger part of the figure.
# Matters because: survey scores and stars are what sketches are kept of, by day and segment, since they can be added. NPS,
# "answers of 4 and more" and the share of tickets answered within 60 minutes turn with the language that reads. Say inclusive in
# words, never ask a t-digest for a share of scores; better keep how many gave each of the 11 scores.
#
# Output seen:
#   counted: detractors 50, promoters 30, NPS -20
#   KLL, Java: detractors 50, promoters 30, NPS -20, median of 1 to 4: 2
#   REQ, Java: detractors 50, promoters 30, NPS -20, median of 1 to 4: 2
#   t-digest, Java: detractors 35, promoters 35, NPS 0
#   KLL of Java's bytes, Python: detractors 20, promoters 40, NPS 20, median of 1 to 4: 3
#   KLL of Java's bytes, Python, inclusive: detractors 50, promoters 30, NPS -20, median of 1 to 4: 2
#   REQ, Python: detractors 20, promoters 40, NPS 20, median of 1 to 4: 3
#   t-digest of DataSketches, Python: detractors 35, promoters 35, NPS 0
#   fastdigest, Python: detractors 20, promoters 39, NPS 19
#   pytdigest, Python: detractors 35, promoters 35, NPS 0
#   crick, Python: detractors 50, promoters 31, NPS -19
#   t-digest, JavaScript: detractors 35, promoters 35, NPS 0
#   t-digest of InfluxData, Go: detractors 50, promoters 31, NPS -19
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasketches==5.2.0 numpy==2.4.6 fastdigest==0.12.0 pytdigest==0.1.4 crick==0.0.8
(cd "$folder" && npm install --silent --no-audit --no-fund tdigest@0.1.3 > log 2>&1)
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>scores</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.datasketches</groupId><artifactId>datasketches-java</artifactId><version>6.2.0</version></dependency>
    <dependency><groupId>com.tdunning</groupId><artifactId>t-digest</artifactId><version>3.3</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
scores="0 3 6 6 6 7 8 9 9 10"

cat > "$folder/Scores.java" <<'JAVA'
import com.tdunning.math.stats.TDigest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.req.ReqSketch;

class Scores {
    static void told(String name, double six, double eight, String median) {
        System.out.printf("%s: detractors %d, promoters %d, NPS %d%s%n", name, Math.round(100 * six), Math.round(100 * (1 - eight)),
            Math.round(100 * (1 - eight - six)), median);
    }

    static String median(float middle) {
        return ", median of 1 to 4: " + Math.round(middle);
    }

    public static void main(String[] arguments) throws java.io.IOException {
        KllFloatsSketch kll = KllFloatsSketch.newHeapInstance(200), four = KllFloatsSketch.newHeapInstance(200);
        ReqSketch req = ReqSketch.builder().build(), reqOfFour = ReqSketch.builder().build();
        TDigest digest = TDigest.createMergingDigest(100);
        for (int round = 0; round < 10; round++) {
            for (int place = 1; place < arguments.length; place++) {
                float score = Float.parseFloat(arguments[place]);
                kll.update(score);
                req.update(score);
                digest.add(score);
            }
        }
        for (int number = 1; number <= 4; number++) {
            four.update(number);
            reqOfFour.update(number);
        }
        Files.write(Path.of(arguments[0], "kll"), kll.toByteArray());
        Files.write(Path.of(arguments[0], "four"), four.toByteArray());
        told("KLL, Java", kll.getRank(6), kll.getRank(8), median(four.getQuantile(0.5)));
        told("REQ, Java", req.getRank(6), req.getRank(8), median(reqOfFour.getQuantile(0.5)));
        told("t-digest, Java", digest.cdf(6), digest.cdf(8), "");
    }
}
JAVA
cat > "$folder/scores.py" <<'PY'
import pathlib
import sys

import crick
import datasketches
import fastdigest
import numpy
import pytdigest

folder, answers = pathlib.Path(sys.argv[1]), 10 * list(map(float, sys.argv[2:]))


def told(name, share, median=None):
    six, eight = share(6), share(8)
    print(f"{name}: detractors {100 * six:.0f}, promoters {100 * (1 - eight):.0f}, NPS {100 * (1 - eight - six):.0f}"
          + (f", median of 1 to 4: {median:.0f}" if median else ""))


kll, four = (datasketches.kll_floats_sketch.deserialize((folder / name).read_bytes()) for name in ("kll", "four"))
told("KLL of Java's bytes, Python", kll.get_rank, four.get_quantile(0.5))
told("KLL of Java's bytes, Python, inclusive", lambda score: kll.get_rank(score, True), four.get_quantile(0.5, True))
req, of_four = datasketches.req_floats_sketch(12), datasketches.req_floats_sketch(12)
digest, of_crick = datasketches.tdigest_double(100), crick.TDigest()
for answer in answers:
    req.update(answer)
    digest.update(answer)
for number in range(1, 5):
    of_four.update(number)
of_crick.update(numpy.array(answers))
told("REQ, Python", req.get_rank, of_four.get_quantile(0.5))
told("t-digest of DataSketches, Python", digest.get_rank)
told("fastdigest, Python", fastdigest.TDigest.from_values(answers).cdf)
told("pytdigest, Python", pytdigest.TDigest.compute(numpy.array(answers)).cdf)
told("crick, Python", of_crick.cdf)
PY
cat > "$folder/scores.cjs" <<'JS'
const { TDigest } = require('tdigest');
const digest = new TDigest();
for (let round = 0; round < 10; round++) digest.push(process.argv.slice(2).map(Number));
digest.compress();
const [six, eight] = digest.p_rank([6, 8]).map((share) => Math.round(100 * share));
console.log(`t-digest, JavaScript: detractors ${six}, promoters ${100 - eight}, NPS ${100 - eight - six}`);
JS
mkdir "$folder/go"
cat > "$folder/go/scores.go" <<'GO'
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/influxdata/tdigest"
)

func main() {
	digest := tdigest.New()
	for round := 0; round < 10; round++ {
		for _, text := range os.Args[1:] {
			score, _ := strconv.ParseFloat(text, 64)
			digest.Add(score, 1)
		}
	}
	six, eight := digest.CDF(6), digest.CDF(8)
	fmt.Printf("t-digest of InfluxData, Go: detractors %.0f, promoters %.0f, NPS %.0f\n",
		math.Round(100*six), math.Round(100*(1-eight)), math.Round(100*(1-eight-six)))
}
GO
(cd "$folder/go" && go mod init scores && go get github.com/influxdata/tdigest@v0.0.1 && go build -o scores .) > "$folder/log" 2>&1

# The scores are words of their own.
# shellcheck disable=SC2086
{
    echo "counted: detractors 50, promoters 30, NPS -20"
    java -cp "$folder/libs/*" "$folder/Scores.java" "$folder" $scores
    "$folder/venv/bin/python" "$folder/scores.py" "$folder" $scores
    node "$folder/scores.cjs" $scores
    "$folder/go/scores" $scores
} | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
