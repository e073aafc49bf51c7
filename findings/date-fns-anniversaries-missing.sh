#!/usr/bin/env bash
# Months that were added are not the months between: a contract of the 31st is 1, 2, 2, 4, 4, 6 months old at its renewals.
#
# Versions: date-fns 4.4.0, temporal-polyfill 1.0.8, luxon 3.7.2, dayjs 1.11.23 (npm, the newest on 2026-11-29), Node 20, Java 17,
# python-dateutil 4.0.0.
# A good guess: all of them put the renewals of a contract that begins on the 31st on the last day of shorter months, and so
# the third renewal is three months after the beginning, in each library and whoever is asked for the difference.
# What happens: luxon, dayjs and dateutil say so. Temporal and Java do not clip when they compare: 30 April is not yet three months
# after 31 January. date-fns does like these, save that the *first* month is full: at its renewals such a contract is
# 1, 2, 2, 4, ... months old, and no rule of either kind gives that. Of years date-fns and Temporal say the same for 29 February.
# Matters because: a month of life (of a cohort, of retention, of tenure at churn) is such a difference. Customers of the last days
# of a month, often many, are missing in the third month and twice in the second, by a library's choice. Ask for the
# difference of days, or count renewals as the biller does.
#
# Output seen:
#   renewals from 31 January  date-fns 1 2 2 4 4 6 7 7 9 9 11 12
#   renewals from 31 January  Temporal 0 2 2 4 4 6 7 7 9 9 11 12
#   renewals from 31 January  Java     0 2 2 4 4 6 7 7 9 9 11 12
#   renewals from 31 January  luxon    1 2 3 4 5 6 7 8 9 10 11 12
#   renewals from 31 January  dayjs    1 2 3 4 5 6 7 8 9 10 11 12
#   renewals from 31 January  dateutil 1 2 3 4 5 6 7 8 9 10 11 12
#   years from 29 February    date-fns 0 1 2 4
#   years from 29 February    Temporal 0 1 2 4
#   years from 29 February    Java     0 1 2 4
#   years from 29 February    luxon    1 2 3 4
#   years from 29 February    dayjs    1 2 3 4
#   years from 29 February    dateutil 1 2 3 4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund date-fns@4.4.0 temporal-polyfill@1.0.8 luxon@3.7.2 dayjs@1.11.23 > log 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet python-dateutil==4.0.0

cat > "$folder/between.js" <<'JS'
const fns = require("date-fns");
const dayjs = require("dayjs");
const { DateTime } = require("luxon");
const { Temporal } = require("temporal-polyfill");

// For each library: how many units lie between a day and the day that is so many units later.
const libraries = {
  "date-fns": (day, unit, n) => {
    const [add, between] = unit === "month" ? [fns.addMonths, fns.differenceInMonths] : [fns.addYears, fns.differenceInYears];
    const begin = fns.parseISO(day);
    return between(add(begin, n), begin);
  },
  Temporal: (day, unit, n) => {
    const begin = Temporal.PlainDate.from(day);
    return begin.until(begin.add({ [unit + "s"]: n }), { largestUnit: unit })[unit + "s"];
  },
  luxon: (day, unit, n) => {
    const begin = DateTime.fromISO(day);
    return begin.plus({ [unit]: n }).diff(begin, unit).as(unit);
  },
  dayjs: (day, unit, n) => dayjs(day).add(n, unit).diff(day, unit),
};
for (const [what, day, unit, last] of [
  ["renewals from 31 January", "2026-01-31", "month", 12],
  ["years from 29 February", "2024-02-29", "year", 4],
]) {
  for (const [name, told] of Object.entries(libraries)) {
    const seen = Array.from({ length: last }, (_, index) => told(day, unit, index + 1));
    console.log(`${what.padEnd(25)} ${name.padEnd(8)} ${seen.join(" ")}`);
  }
}
JS
cat > "$folder/Between.java" <<'JAVA'
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class Between {
    static String told(LocalDate begin, ChronoUnit unit, int last) {
        return IntStream.rangeClosed(1, last).mapToObj(n -> "" + unit.between(begin, begin.plus(n, unit))).collect(Collectors.joining(" "));
    }

    public static void main(String[] arguments) {
        System.out.println("renewals from 31 January  Java     " + told(LocalDate.of(2026, 1, 31), ChronoUnit.MONTHS, 12));
        System.out.println("years from 29 February    Java     " + told(LocalDate.of(2024, 2, 29), ChronoUnit.YEARS, 4));
    }
}
JAVA
cat > "$folder/between.py" <<'PY'
import datetime as dt

from dateutil.relativedelta import relativedelta


def told(begin, unit, last):
    later = (begin + relativedelta(**{unit: n}) for n in range(1, last + 1))
    passed = (relativedelta(day, begin) for day in later)
    return " ".join(str(age.years if unit == "years" else 12 * age.years + age.months) for age in passed)


print("renewals from 31 January  dateutil", told(dt.date(2026, 1, 31), "months", 12))
print("years from 29 February    dateutil", told(dt.date(2024, 2, 29), "years", 4))
PY

{
    (cd "$folder" && TZ=UTC node between.js)
    java "$folder/Between.java"
    "$folder/venv/bin/python" "$folder/between.py"
} > "$folder/said"
for what in renewals years; do
    for name in date-fns Temporal Java luxon dayjs dateutil; do grep "^$what.* $name " "$folder/said"; done
done | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
