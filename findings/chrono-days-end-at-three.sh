#!/usr/bin/env bash
# On the day in spring when clocks change, what is used after 3 o'clock is of the day before, by the function of chrono that cuts to days.
#
# Versions: chrono 0.4.45, chrono-tz 0.10.4, jiff 1.0.2 (crates), Rust 1.95.
# A good guess: `duration_trunc` of a time with a zone, which is said to cut the local time, gives the last local midnight, or 24 hours by UTC if it
# does not care for zones; either is the same rule on each day of the year.
# What happens: the rest is taken from the time on the clock, and then taken away as time that has passed. In spring the result is 23:00 of
# the day before, from the change on until midnight; in autumn it is 1:00 of the same day, so that this day has two beginnings. Cut to hours
# a time in the hour that is there twice is right. Seven days begin on Thursdays, as 1970 did. jiff's `start_of_day` is right on each day.
# Matters because: active users of a day, and revenue by day, are grouped by that value. Where there is summer time one day a year has almost
# no use, and the one before almost twice as much: a Sunday, of which nobody expects much. Take `date_naive()`.
#
# Output seen (uses each half hour, grouped by the cut instant):
#   New York in spring, chrono: 03-07 00:00 48, 03-07 23:00 42, 03-08 00:00 4, 03-09 00:00 48
#   New York in spring, jiff: 03-07 00:00 48, 03-08 00:00 46, 03-09 00:00 48
#   New York in spring, chrono by date: 03-07 90, 03-08 4, 03-09 48
#   Berlin in spring, chrono by date: 03-28 90, 03-29 4, 03-30 48
#   New York in autumn, chrono: 10-31 00:00 48, 11-01 00:00 4, 11-01 01:00 46, 11-02 00:00 48
#   New York in autumn, jiff: 10-31 00:00 48, 11-01 00:00 50, 11-02 00:00 48
#   seven days of Wednesday, 4 March: from Thursday, 26 February
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "days"
version = "0.1.0"
edition = "2021"
[dependencies]
chrono = "=0.4.45"
chrono-tz = "=0.10.4"
jiff = "=1.0.2"
TOML
cat > "$folder/src/main.rs" <<'RS'
use chrono::{DateTime, Duration, DurationRound, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

fn cut(at: DateTime<Tz>) -> DateTime<Tz> {
    at.duration_trunc(Duration::days(1)).unwrap()
}

fn by_chrono(at: DateTime<Tz>) -> String {
    cut(at).format("%m-%d %H:%M").to_string()
}

fn by_chrono_date(at: DateTime<Tz>) -> String {
    cut(at).format("%m-%d").to_string()
}

fn by_jiff(at: DateTime<Tz>) -> String {
    let same = jiff::Timestamp::from_second(at.timestamp()).unwrap().in_tz(at.timezone().name()).unwrap();
    same.start_of_day().unwrap().strftime("%m-%d %H:%M").to_string()
}

fn show(title: &str, zone: Tz, (month, day): (u32, u32), group: fn(DateTime<Tz>) -> String) {
    let first = zone.with_ymd_and_hms(2026, month, day, 0, 0, 0).unwrap();
    let after = (first + Duration::hours(84)).date_naive();
    let mut uses = BTreeMap::new();
    let mut at = first;
    while at.date_naive() < after {
        *uses.entry(group(at)).or_insert(0) += 1;
        at += Duration::minutes(30);
    }
    let told: Vec<String> = uses.iter().map(|(of, count)| format!("{of} {count}")).collect();
    println!("{title}: {}", told.join(", "));
}

fn main() {
    show("New York in spring, chrono", Tz::America__New_York, (3, 7), by_chrono);
    show("New York in spring, jiff", Tz::America__New_York, (3, 7), by_jiff);
    show("New York in spring, chrono by date", Tz::America__New_York, (3, 7), by_chrono_date);
    show("Berlin in spring, chrono by date", Tz::Europe__Berlin, (3, 28), by_chrono_date);
    show("New York in autumn, chrono", Tz::America__New_York, (10, 31), by_chrono);
    show("New York in autumn, jiff", Tz::America__New_York, (10, 31), by_jiff);
    let wednesday = Utc.with_ymd_and_hms(2026, 3, 4, 12, 0, 0).unwrap();
    let week = wednesday.duration_trunc(Duration::weeks(1)).unwrap();
    println!("seven days of {}: from {}", wednesday.format("%A, %-d %B"), week.format("%A, %-d %B"));
}
RS
(cd "$folder" && CARGO_TARGET_DIR="$folder/target" cargo build --quiet) > "$folder/log" 2>&1
"$folder/target/debug/days" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
