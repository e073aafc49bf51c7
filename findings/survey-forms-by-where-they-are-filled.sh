#!/usr/bin/env bash
# One survey of ODK tells 14 days or 13, 1.5 hours or 0, 17 or NaN, and a 0 that is a no or a yes, by whether it is filled on a phone or in a page.
#
# Versions: javarosa 6.0.0 (Maven; what ODK Collect runs on), openrosa-xpath-evaluator 3.1.0 (npm; Enketo), @getodk/xpath 0.11.0 (npm; ODK Web Forms),
# with jsdom 26.1.0, temporal-polyfill 0.3.0, crypto-js 4.2.0; Node 20, Java 17, a machine in New York.
# A good guess: one form is filled on phones and in pages, by links to one server, and its expressions have one specification: what it computes
# is the same. An answer that was not given is NaN or left out, but everywhere alike.
# What happens, without an error:
#   1. JavaRosa cuts moments to their day before it subtracts or compares: from 10:00 to 11:30 is 0, and 23:30 is not after its own day. The two others count
#      milliseconds, so that 14 days over the spring change are 13.96, and 13 as a whole number; a day plus 30 has the zone's hours in it.
#   2. Sum, least and largest leave out who did not answer in JavaRosa; in the two others one such answer makes the whole NaN, or the empty text. Of
#      literals JavaRosa takes it as 0: the largest of -1 and nothing is 0.
#   3. A score of 0, or no score, as a condition is false in JavaRosa and true in the others. A day beside a text is never after it in JavaRosa.
#   4. Halves below 0 are rounded up in JavaRosa and away from 0 elsewhere; 1.005 is 1.01 there and 1 elsewhere. There a large number of cents is
#      1.2345678901E10, and the text 1,000 is 1.
#   5. A pattern must match all of the text in JavaRosa, and a part of it elsewhere.
# Matters because: the computed columns (NPS, hours to an answer, who is asked why) of one survey's export are two definitions mixed, and nothing in a row
# says which it was. Collect raw answers with their times, and compute from them in one place; if it must be in the form, guard with `. != ''`
# and use decimal-date-time for hours.
#
# Output seen (2026-12-01; on the phone, in Enketo, in Web Forms):
#   hours from opened to closed: 0 | 1.5 | 1.5
#   the same by decimal-date-time: 1.5 | 1.5 | 1.5
#   closed after its day: false | true | true
#   days of the trial: 14 | 13.958333333335759 | 13.958333333335759
#   days of the trial, whole: 14 | 13 | 13
#   renewal after 1 March, as text: false | true | true
#   sum of scores, one not given: 17 | NaN | nothing
#   sum of those given: 17 | 17 | 17
#   largest of -1 and nothing: 0 | NaN | nothing
#   condition of a score of 0: no | yes | yes
#   condition of no score: no | yes | yes
#   not(no score): true | false | false
#   no score below 7: false | false | false
#   -2.5 rounded: -2 | -3 | -3
#   1.005 rounded to cents: 1.01 | 1 | 1
#   cents: 1.2345678901E10 | 12345678901 | 12345678901
#   1,000 as a number: 1 | NaN | nothing
#   code A17 is of [0-9]: false | true | true
#   the day of 23:30:00Z: 2026-12-01 | 2026-12-01T18:30:00.000-05:00 | 2026-12-01T18:30:00.000-05:00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/form.xml" <<'XML'
<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms">
  <h:head>
    <h:title>After a trial</h:title>
    <model>
      <instance>
        <trial xmlns="" id="trial">
          <begins>2026-03-01</begins><ends>2026-03-15</ends>
          <opened>2026-12-01T10:00:00.000-05:00</opened><closed>2026-12-01T11:30:00.000-05:00</closed>
          <worst>0</worst><none/>
          <user><score>7</score></user><user><score/></user><user><score>10</score></user>
        </trial>
      </instance>
      <bind nodeset="/trial/begins" type="date"/><bind nodeset="/trial/ends" type="date"/>
      <bind nodeset="/trial/opened" type="dateTime"/><bind nodeset="/trial/closed" type="dateTime"/>
      <bind nodeset="/trial/worst" type="int"/><bind nodeset="/trial/none" type="int"/><bind nodeset="/trial/user/score" type="int"/>
    </model>
  </h:head>
  <h:body>
    <input ref="/trial/worst"><label>Worst</label></input>
    <group ref="/trial/user"><label>User</label><repeat nodeset="/trial/user"><input ref="/trial/user/score"><label>Score</label></input></repeat></group>
  </h:body>
</h:html>
XML
cat > "$folder/expressions" <<'TEXT'
hours from opened to closed;(/trial/closed - /trial/opened) * 24
the same by decimal-date-time;round((decimal-date-time(/trial/closed) - decimal-date-time(/trial/opened)) * 24, 3)
closed after its day;/trial/closed > date('2026-12-01')
days of the trial;/trial/ends - /trial/begins
days of the trial, whole;int(/trial/ends - /trial/begins)
renewal after 1 March, as text;/trial/ends > '2026-03-01'
sum of scores, one not given;sum(/trial/user/score)
sum of those given;sum(/trial/user/score[. != ''])
largest of -1 and nothing;max(-1, '')
condition of a score of 0;if(/trial/worst, 'yes', 'no')
condition of no score;if(/trial/none, 'yes', 'no')
not(no score);not(/trial/none)
no score below 7;/trial/none < 7
-2.5 rounded;round(-2.5)
1.005 rounded to cents;round(1.005, 2)
cents;12345678901 + 0
1,000 as a number;number('1,000')
code A17 is of [0-9];regex('A17', '[0-9]')
the day of 23:30:00Z;date('2026-12-01T23:30:00Z')
TEXT

cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>forms</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.getodk</groupId><artifactId>javarosa</artifactId><version>6.0.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Phone.java" <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import org.javarosa.test.Scenario;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;

public class Phone {
    public static void main(String[] files) throws Exception {
        Scenario survey = Scenario.init(Path.of(files[0]).toFile());
        for (String line : Files.readAllLines(Path.of(files[1]))) {
            Object found = XPathParseTool.parseXPath(line.split(";", 2)[1])
                .eval(survey.getFormDef().getMainInstance(), survey.getEvaluationContext());
            System.out.println(XPathFuncExpr.toString(found));
        }
    }
}
JAVA
java -Duser.timezone=America/New_York -cp "$folder/libs/*" "$folder/Phone.java" "$folder/form.xml" "$folder/expressions" > "$folder/phone" 2> "$folder/log" \
    || { cat "$folder/log" >&2; exit 1; }

# The library of Web Forms names another package that it does not use, and that is not public: so it is unpacked, not installed.
(
    cd "$folder"
    npm init -y && npm install --silent --no-audit --no-fund --ignore-scripts openrosa-xpath-evaluator@3.1.0 jsdom@26.1.0 temporal-polyfill@0.3.0 crypto-js@4.2.0
    npm pack --silent @getodk/xpath@0.11.0 && tar xzf getodk-xpath-0.11.0.tgz
) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
cat > "$folder/pages.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { window } = new (require("jsdom").JSDOM)("");
for (const name of ["Node", "Element", "Attr", "Document", "XMLDocument", "XPathResult", "XPathEvaluator", "DOMParser", "Text"]) globalThis[name] = window[name];
Object.assign(globalThis, { window, document: window.document, require, __dirname: "." });

const form = readFileSync(process.argv[2], "utf8").match(/<trial[^]*<\/trial>/)[0];
const trial = new DOMParser().parseFromString(form.replace(/>\s+</g, "><"), "text/xml");
const enketo = require("openrosa-xpath-evaluator")();
const { XFormsXPathEvaluator, DEFAULT_DOM_ADAPTER } = await import("./package/dist/index.js");
const webForms = new XFormsXPathEvaluator({
  rootNode: trial,
  domAdapter: DEFAULT_DOM_ADAPTER,
  itextTranslationsByLanguage: new Map(),
  secondaryInstancesById: new Map(),
});
for (const line of readFileSync(process.argv[3], "utf8").trim().split("\n")) {
  const [, expression] = line.split(/;(.*)/s);
  const told = [enketo, webForms].map((engine) => engine.evaluate(expression, trial, null, XPathResult.STRING_TYPE).stringValue || "nothing");
  console.log(told.join(" | "));
}
JS
TZ=America/New_York node "$folder/pages.mjs" "$folder/form.xml" "$folder/expressions" > "$folder/pages" 2> "$folder/log" || { cat "$folder/log" >&2; exit 1; }
paste -d '#' <(cut -d ';' -f 1 "$folder/expressions") "$folder/phone" "$folder/pages" | sed 's/#/: /; s/#/ | /' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
