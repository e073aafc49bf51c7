#!/usr/bin/env bash
# A contract without an end ended before today in Tablesaw, a flag that is not set is -128 in a mean, and NA as a region is no region.
#
# Versions: tablesaw-core 0.44.4 (Maven), Java 17 in a German locale with English words, and in the United States.
# A good guess: what is missing meets no condition but `isMissing`, as it goes for a score below 7 in the same table, and is nothing in each
# conversion. Sorted, it is at one end, for all types. A week of the year is that of ISO, as in java.time's own `IsoFields`, on each machine.
# What happens:
#   1. A date, date and time, instant or time that is missing is kept as the smallest number, and `isBefore` and `isOnOrBefore` compare it as such. A missing
#      score is not below 7, and the missing date is not in `isBetweenExcluding`.
#   2. A missing flag is -128 as a double. `timeWindow` of 7 days gives it the number -1815516.
#   3. Ascending, missing dates come first and missing scores last.
#   4. `countUnique` of a column counts the missing value as one, that of `summarize` does not.
#   5. A text `NA` or `null` in a CSV is missing, `na` and `nan` are not: Namibia, and North America, are nowhere.
#   6. `yearWeek` goes by the locale of the JVM: 3 January 2027 is in 2026-53, or in week 2 of 2027.
# Matters because: most contracts have no end, most tickets no moment at which they were solved. A churn that is computed by `isBefore` has all
# of those customers in it, and a share of opted-in users is below 0. Add `.and(column.isNotMissing())` to each comparison of dates, give the reader
# its own text for missing values, and count flags by `proportionTrue`.
#
# Output seen (2026-12-01):
#   en-DE: ended before 2026-12-01: [a, b]
#   en-DE: ended between 1900-01-01 and 2026-12-01: [a]
#   en-DE: date and time before 2026-12-01: 2 of 3, instant 2, time before noon 2
#   en-DE: score below 7: [c]
#   en-DE: flags as doubles: [1.0, -128.0, 0.0], mean -42.33333333333333
#   en-DE: windows of 7 days: [0, -1815516, 4]
#   en-DE: sorted by end [b, a, c], by score [c, a, b]
#   en-DE: scores that are told apart: by the column 3, by summarize 2
#   en-DE: regions NA, EU, na, N/A, null, nan: missing 3
#   en-DE: weeks: [2026-49, , 2027-53]
#   en-US: weeks: [2026-49, , 2027-02]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>contracts</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>tech.tablesaw</groupId><artifactId>tablesaw-core</artifactId><version>0.44.4</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1
cat > "$folder/Contracts.java" <<'JAVA'
import static tech.tablesaw.aggregate.AggregateFunctions.countUnique;

import java.io.StringReader;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import tech.tablesaw.api.*;

class Contracts {
    static void tell(String text) {
        System.out.println(Locale.getDefault().toLanguageTag() + ": " + text);
    }

    public static void main(String[] arguments) {
        LocalDate today = LocalDate.parse("2026-12-01");
        Table table = Table.read().csv(new StringReader("account,ended,paid,score\na,2026-11-30,true,10\nb,,,\nc,2027-01-03,false,3\n"));
        DateColumn ended = table.dateColumn("ended");
        NumericColumn<?> score = table.intColumn("score");
        if (arguments.length == 0) {
            tell("ended before " + today + ": " + table.where(ended.isBefore(today)).column("account").asList());
            var between = ended.isBetweenExcluding(LocalDate.parse("1900-01-01"), today);
            tell("ended between 1900-01-01 and " + today + ": " + table.where(between).column("account").asList());
            var times = DateTimeColumn.create("", LocalDateTime.parse("2026-11-30T10:00:00"), null, LocalDateTime.parse("2027-01-03T10:00:00"));
            var instants = InstantColumn.create("", Instant.parse("2026-11-30T10:00:00Z"), null, Instant.parse("2027-01-03T10:00:00Z"));
            var clocks = TimeColumn.create("", LocalTime.of(10, 0), null, LocalTime.of(14, 0));
            tell("date and time before " + today + ": " + times.isBefore(today.atStartOfDay()).size() + " of 3, instant "
                + instants.isBefore(Instant.parse("2026-12-01T00:00:00Z")).size() + ", time before noon " + clocks.isBefore(LocalTime.NOON).size());
            tell("score below 7: " + table.where(score.isLessThan(7)).column("account").asList());
            DoubleColumn flags = table.booleanColumn("paid").asDoubleColumn();
            tell("flags as doubles: " + flags.asList() + ", mean " + flags.mean());
            tell("windows of 7 days: " + ended.timeWindow(ChronoUnit.DAYS, 7).asList());
            tell("sorted by end " + table.sortAscendingOn("ended").column("account").asList() + ", by score "
                + table.sortAscendingOn("score").column("account").asList());
            tell("scores that are told apart: by the column " + score.countUnique() + ", by summarize "
                + Math.round(table.summarize("score", countUnique).apply().doubleColumn(0).get(0)));
            Table regions = Table.read().csv(new StringReader("region,account\nNA,1\nEU,2\nna,3\nN/A,4\nnull,5\nnan,6\n"));
            tell("regions " + "NA, EU, na, N/A, null, nan: missing " + regions.column("region").countMissing());
        }
        tell("weeks: " + ended.yearWeek().asList());
    }
}
JAVA
cd "$folder"
{
    java -Duser.language=en -Duser.country=DE -cp "libs/*" Contracts.java
    java -Duser.language=en -Duser.country=US -cp "libs/*" Contracts.java weeks
} 2> errors > seen || { cat errors >&2; exit 1; }
cat seen
cd - > /dev/null
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
