#!/usr/bin/env bash
# Of nine libraries of JavaScript four put the hour that is there twice in autumn into one, and by two of them a minute begins 59 minutes after what is in it.
#
# Versions: effect 4.1.0, date-fns 4.4.0 with @date-fns/tz 1.5.0, dayjs 1.11.23, @internationalized/date 3.12.4, luxon 3.7.2, moment-timezone 0.6.6,
# temporal-polyfill 1.0.8, spacetime 7.15.0, @js-joda/core 6.3.2 with @js-joda/timezone 2.25.2 (npm), Node 20.
# A good guess: local days need care, but the start of the hour or of the minute of a moment is cutting off minutes and seconds: at most 59 minutes before
# it, never after it, and each real hour keeps its own uses. Libraries that take a zone with each value know which of the two hours it is.
# What happens, where clocks go back (here a use each quarter of an hour, in three hours, so that 4 4 4 is right):
#   1. Effect puts the second hour's uses into the first: 8 0 4. A use at 1:30:20 belongs to a minute an hour before it. @internationalized/date does
#      so too, but for what is at the full hour, where it has nothing to set: 7 1 4.
#   2. date-fns does so in New York, and in Berlin the other way round: 0 8 4. There the minute of a use begins 59 minutes after it, so that a
#      length counted from it is below 0. dayjs is the same in Berlin, and in New York has the third hour's uses in the second: 8 4 0.
#   3. Luxon, Moment, Temporal, spacetime and js-joda are right. So nobody who tries one of them sees it.
#   4. Effect's Cron runs each hour at 5:00, 7:00 and 8:00 UTC, though by its own match 6:00 is a time to run.
# Matters because: uses, tickets and answers per hour are made by such a call, as are keys of caches and of alerts; on that day a peak is there that was
# none, and an hour without any raises "no events". Cut hours of instants in UTC (most zones are whole hours), and show them in the zone.
#
# Output seen (2026-12-01; uses by hour, then minutes from the start of the minute of the second 1:30:20 or 2:30:20, or of the first, to it):
#   America/New_York Effect: 8 0 4; minutes 60 0
#   America/New_York internationalized: 7 1 4; minutes 60 0
#   America/New_York date-fns: 8 0 4; minutes 60 0
#   America/New_York dayjs: 8 4 0; minutes 60 0
#   America/New_York luxon, moment, temporal, spacetime, js-joda: 4 4 4; minutes 0 0
#   Europe/Berlin Effect: 8 0 4; minutes 60 0
#   Europe/Berlin internationalized: 7 1 4; minutes 60 0
#   Europe/Berlin date-fns: 0 8 4; minutes 0 -59
#   Europe/Berlin dayjs: 0 8 4; minutes 0 -59
#   Europe/Berlin luxon, moment, temporal, spacetime, js-joda: 4 4 4; minutes 0 0
#   Effect's hourly runs in New York: 05:00 07:00 08:00, and 06:00 matches: true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts effect@4.1.0 date-fns@4.4.0 @date-fns/tz@1.5.0 \
    dayjs@1.11.23 @internationalized/date@3.12.4 luxon@3.7.2 moment-timezone@0.6.6 temporal-polyfill@1.0.8 spacetime@7.15.0 @js-joda/core@6.3.2 \
    @js-joda/timezone@2.25.2 > "$folder/log" 2>&1)
cat > "$folder/hours.mjs" <<'JS'
import { TZDate } from "@date-fns/tz";
import { fromAbsolute } from "@internationalized/date";
import { ChronoUnit, Instant, ZonedDateTime, ZoneId } from "@js-joda/core";
import "@js-joda/timezone";
import { startOfHour, startOfMinute } from "date-fns";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import * as Cron from "effect/Cron";
import * as Effects from "effect/DateTime";
import { DateTime } from "luxon";
import moment from "moment-timezone";
import spacetime from "spacetime";
import { Temporal } from "temporal-polyfill";
dayjs.extend(utc);
dayjs.extend(timezone);

// The start of the hour or the minute of an instant in a zone, in milliseconds, by each library.
const starts = {
  Effect: (at, zone, unit) => Effects.toEpochMillis(Effects.startOf(Effects.makeZonedUnsafe(at, { timeZone: zone }), unit)),
  internationalized: (at, zone, unit) =>
    fromAbsolute(at, zone).set({ second: 0, millisecond: 0, ...(unit === "hour" && { minute: 0 }) }).toDate().getTime(),
  "date-fns": (at, zone, unit) => (unit === "hour" ? startOfHour : startOfMinute)(new TZDate(at, zone)).getTime(),
  dayjs: (at, zone, unit) => dayjs(at).tz(zone).startOf(unit).valueOf(),
  luxon: (at, zone, unit) => DateTime.fromMillis(at, { zone }).startOf(unit).toMillis(),
  moment: (at, zone, unit) => moment.tz(at, zone).startOf(unit).valueOf(),
  temporal: (at, zone, unit) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).round({ smallestUnit: unit, roundingMode: "floor" }).epochMilliseconds,
  spacetime: (at, zone, unit) => spacetime(at, zone).startOf(unit).epoch,
  "js-joda": (at, zone, unit) =>
    ZonedDateTime.ofInstant(Instant.ofEpochMilli(at), ZoneId.of(zone)).truncatedTo(unit === "hour" ? ChronoUnit.HOURS : ChronoUnit.MINUTES)
      .toInstant().toEpochMilli(),
};
const HOUR = 3600000;

for (const [zone, from] of [["America/New_York", "2026-11-01T05:00Z"], ["Europe/Berlin", "2026-10-25T00:00Z"]]) {
  const first = Date.parse(from);
  const told = {};
  for (const [library, start] of Object.entries(starts)) {
    const uses = [0, 0, 0];
    for (let quarter = 0; quarter < 12; quarter += 1) {
      uses[(start(first + quarter * HOUR / 4, zone, "hour") - first) / HOUR] += 1;
    }
    const minutes = [1.5, 0.5].map((hours) => {
      const use = first + hours * HOUR + 20000;
      return Math.trunc((use - start(use, zone, "minute")) / 60000) || 0;
    });
    const line = `${uses.join(" ")}; minutes ${minutes.join(" ")}`;
    if (line.startsWith("4 4 4")) (told[line] ??= []).push(library);
    else console.log(`${zone} ${library}: ${line}`);
  }
  for (const [line, libraries] of Object.entries(told)) console.log(`${zone} ${libraries.join(", ")}: ${line}`);
}
const hourly = Cron.parseUnsafe("0 * * * *", "America/New_York");
const runs = Cron.sequence(hourly, new Date("2026-11-01T04:30Z"));
const times = [1, 2, 3].map(() => runs.next().value.toISOString().slice(11, 16));
console.log(`Effect's hourly runs in New York: ${times.join(" ")}, and 06:00 matches: ${Cron.match(hourly, new Date("2026-11-01T06:00Z"))}`);
JS
TZ=UTC node "$folder/hours.mjs" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
