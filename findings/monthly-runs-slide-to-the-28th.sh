#!/usr/bin/env bash
# A monthly run that began on January 31st is on the 28th from February on, for good, in Quartz and Esper; every 15 minutes is once in 75 in autumn.
#
# Versions: Quartz 2.5.2, Esper 9.0.0, lib-recur 0.17.1 (Maven), Java 17 with its compiler.
# A good guess: each time is the start plus n months, so the 31st comes back in March, as it does with `start.plusMonths(n)` of Java; or, as iCalendar
# has it, months without a 31st are left out. And what runs every 15 minutes has no night off: both hours from two to three have four.
# What happens: CalendarIntervalTrigger and `timer:schedule` add a month to the time before, not to the start; February makes it 28 and nothing makes it
# 31 again. February 29th, yearly, is the 28th in leap years too; November 30th, by quarters, the 28th. A Quartz trigger that is loaded
# again and asked for a later time finds the same. Cron in Quartz, with a zone that changes its clocks, knows each local time of that night once: from
# 01:45 it goes to the second 02:00, 75 minutes later; the first hour from two to three has no run.
# Matters because: renewals and dunning are planned by such triggers, and customers of month's end are billed two or three days too early in each month of
# the year: MRR by billing day, and the days between invoice and payment, say so of them alone. What polls each quarter of
# an hour leaves a gap in its series that is longer than the alarm for it. Count from the start, and keep cron in UTC.
#
# Output seen:
#   each month from January 31st, Java's plusMonths: 2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31
#   each month from January 31st, lib-recur: 2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31
#   each month from January 31st, Quartz: 2026-01-31 2026-02-28 2026-03-28 2026-04-28 2026-05-28
#   each month from January 31st, Esper: 2026-01-31 2026-02-28 2026-03-28 2026-04-28 2026-05-28
#   each quarter from November 30th, Quartz: 2025-11-30 2026-02-28 2026-05-28 2026-08-28 2026-11-28
#   each year from February 29th, Quartz: 2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-28
#   each month from January 31st, Quartz asked after 2026-07-30: 2026-08-28
#   each 15 minutes, Quartz, Berlin: 01:30+02 01:45+02 02:00+01 02:15+01 02:30+01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>months</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.quartz-scheduler</groupId><artifactId>quartz</artifactId><version>2.5.2</version></dependency>
    <dependency><groupId>com.espertech</groupId><artifactId>esper-runtime</artifactId><version>9.0.0</version></dependency>
    <dependency><groupId>com.espertech</groupId><artifactId>esper-compiler</artifactId><version>9.0.0</version></dependency>
    <dependency><groupId>org.dmfs</groupId><artifactId>lib-recur</artifactId><version>0.17.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Months.java" <<'JAVA'
import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recur.RecurrenceRuleIterator;
import org.quartz.CalendarIntervalScheduleBuilder;
import org.quartz.CronExpression;
import org.quartz.DateBuilder.IntervalUnit;
import org.quartz.TriggerBuilder;
import org.quartz.spi.OperableTrigger;

class Months {
    static final Instant START = Instant.parse("2026-01-31T10:00:00Z");

    static void told(String name, List<String> days) {
        System.out.println(name + ": " + String.join(" ", days));
    }

    static String day(Date date) {
        return date.toInstant().toString().substring(0, 10);
    }

    static OperableTrigger trigger(Instant start, int number, IntervalUnit unit) {
        return (OperableTrigger) TriggerBuilder.newTrigger().withIdentity("run").startAt(Date.from(start)).withSchedule(
            CalendarIntervalScheduleBuilder.calendarIntervalSchedule().withInterval(number, unit).inTimeZone(TimeZone.getTimeZone("UTC"))).build();
    }

    static List<String> quartz(String start, int number, IntervalUnit unit) {
        OperableTrigger trigger = trigger(Instant.parse(start), number, unit);
        List<String> days = new ArrayList<>();
        Date next = trigger.computeFirstFireTime(null);
        while (days.size() < 5) {
            days.add(day(next));
            trigger.triggered(null);
            next = trigger.getNextFireTime();
        }
        return days;
    }

    static List<String> esper() throws Exception {
        Configuration settings = new Configuration();
        settings.getRuntime().getThreading().setInternalTimerEnabled(false);
        settings.getRuntime().getExpression().setTimeZone(TimeZone.getTimeZone("UTC"));
        EPRuntime runtime = EPRuntimeProvider.getRuntime("months", settings);
        runtime.getEventService().advanceTime(START.toEpochMilli());
        String query = "@name('run') select 1 as run from pattern[timer:schedule(iso: 'R5/2026-01-31T10:00:00Z/P1M')]";
        EPCompiled compiled = EPCompilerProvider.getCompiler().compile(query, new CompilerArguments(settings));
        String deployed = runtime.getDeploymentService().deploy(compiled).getDeploymentId();
        List<String> days = new ArrayList<>(List.of(START.toString().substring(0, 10)));
        runtime.getDeploymentService().getStatement(deployed, "run").addListener((events, before, statement, engine) ->
            days.add(day(new Date(engine.getEventService().getCurrentTime()))));
        for (int hours = 1; hours < 24 * 150 && days.size() < 5; hours++) {
            runtime.getEventService().advanceTime(START.plus(Duration.ofHours(hours)).toEpochMilli());
        }
        return days;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> java = new ArrayList<>(), ical = new ArrayList<>(), quarters = new ArrayList<>();
        for (int number = 0; number < 5; number++) java.add(LocalDate.of(2026, 1, 31).plusMonths(number).toString());
        told("each month from January 31st, Java's plusMonths", java);
        RecurrenceRuleIterator rule = new RecurrenceRule("FREQ=MONTHLY;COUNT=5").iterator(new DateTime(DateTime.UTC, 2026, 0, 31, 10, 0, 0));
        while (rule.hasNext()) ical.add(day(new Date(rule.nextMillis())));
        told("each month from January 31st, lib-recur", ical);
        told("each month from January 31st, Quartz", quartz(START.toString(), 1, IntervalUnit.MONTH));
        told("each month from January 31st, Esper", esper());
        told("each quarter from November 30th, Quartz", quartz("2025-11-30T10:00:00Z", 3, IntervalUnit.MONTH));
        told("each year from February 29th, Quartz", quartz("2024-02-29T10:00:00Z", 1, IntervalUnit.YEAR));
        told("each month from January 31st, Quartz asked after 2026-07-30",
            List.of(day(trigger(START, 1, IntervalUnit.MONTH).getFireTimeAfter(Date.from(Instant.parse("2026-07-30T12:00:00Z"))))));
        CronExpression cron = new CronExpression("0 0/15 * * * ?");
        cron.setTimeZone(TimeZone.getTimeZone("Europe/Berlin"));
        Date next = Date.from(Instant.parse("2026-10-24T23:20:00Z"));
        while (quarters.size() < 5) {
            next = cron.getNextValidTimeAfter(next);
            quarters.add(next.toInstant().atZone(ZoneId.of("Europe/Berlin")).format(DateTimeFormatter.ofPattern("HH:mmx")));
        }
        told("each 15 minutes, Quartz, Berlin", quarters);
        System.exit(0);
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Months.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
