#!/usr/bin/env bash
# On the night clocks are set forward, a run of 2:30 is at 1:30 in Go's cron, and the next one at 1:30 again; Friday to Sunday has no Sunday.
#
# Versions: aptible/supercronic 0.2.48 (its package cronexpr), gorhill/cronexpr 88b0669, hashicorp/cronexpr 1.1.3 (Nomad's), robfig/cron 3.0.1,
# netresearch/go-cron 0.9.1, adhocore/gronx 1.20.4 (Go modules); Go 1.26.
# A good guess: a time that a night does not have is left out or made up for right after, and the next time is later than the one it was asked after, as
# `Next` says. `5-7` is Friday to Sunday where 7 is a Sunday. With both a day of the month and a day of the week, either will do, as in crontab(5).
# What happens:
#   1. supercronic and gorhill answer 1:30 for 2:30, before clocks are set; asked after 1:30, they answer 1:30, and 1:00 for what runs each half hour.
#   2. hashicorp takes 7 for Sunday, and in a range drops it without a word; supercronic refuses the range, gorhill has no next time.
#   3. What runs each hour has one of the two hours from one to two in autumn in gronx, supercronic and gorhill, both in the others.
#   4. "The first Monday", `1-7 * 1`, is that in netresearch, and each Monday and each day up to the 7th elsewhere. `*/10 * 1` is one of both in gronx
#      and either in robfig.
# Matters because: days are closed, invoices made and surveys sent by such lines in containers. A run at 1:30 closes a day without what comes in later, a loop
# that sleeps until the next time does not sleep for half an hour, and a change of library sends a monthly survey on ten days. Keep cron in UTC, name
# days one by one, and give only one of the two kinds of days.
#
# Output seen (2026-12-01; each time is asked after the one before it):
#   30 2 * * *, New York, after Sat 03-07 02:30-05
#     robfig: Mon 03-09 02:30-04, Tue 03-10 02:30-04
#     netresearch: Sun 03-08 03:30-04, Mon 03-09 02:30-04
#     gronx: Mon 03-09 02:30-04, Tue 03-10 02:30-04
#     hashicorp: Mon 03-09 02:30-04, Tue 03-10 02:30-04
#     supercronic: Sun 03-08 01:30-05, Sun 03-08 01:30-05
#     gorhill: Sun 03-08 01:30-05, Sun 03-08 01:30-05
#   */30 * * * *, New York, after Sun 03-08 01:30-05
#     robfig: Sun 03-08 03:00-04, Sun 03-08 03:30-04
#     netresearch: Sun 03-08 03:00-04, Sun 03-08 03:30-04
#     gronx: Sun 03-08 03:00-04, Sun 03-08 03:30-04
#     hashicorp: Sun 03-08 03:00-04, Sun 03-08 03:30-04
#     supercronic: Sun 03-08 01:00-05, Sun 03-08 01:30-05
#     gorhill: Sun 03-08 01:00-05, Sun 03-08 01:30-05
#   0 * * * *, New York, after Sun 11-01 00:30-04
#     robfig: Sun 11-01 01:00-04, Sun 11-01 01:00-05, Sun 11-01 02:00-05
#     netresearch: Sun 11-01 01:00-04, Sun 11-01 01:00-05, Sun 11-01 02:00-05
#     gronx: Sun 11-01 01:00-04, Sun 11-01 02:00-05, Sun 11-01 03:00-05
#     hashicorp: Sun 11-01 01:00-04, Sun 11-01 01:00-05, Sun 11-01 02:00-05
#     supercronic: Sun 11-01 01:00-04, Sun 11-01 02:00-05, Sun 11-01 03:00-05
#     gorhill: Sun 11-01 01:00-04, Sun 11-01 02:00-05, Sun 11-01 03:00-05
#   0 9 * * 5-7, UTC, after Thu 01-01 12:00+00
#     robfig: refused
#     netresearch: Fri 01-02 09:00+00, Sat 01-03 09:00+00, Sun 01-04 09:00+00
#     gronx: Fri 01-02 09:00+00, Sat 01-03 09:00+00, Sun 01-04 09:00+00
#     hashicorp: Fri 01-02 09:00+00, Sat 01-03 09:00+00, Fri 01-09 09:00+00
#     supercronic: refused
#     gorhill: none
#   0 9 1-7 * 1, UTC, after Mon 11-30 12:00+00
#     robfig: Tue 12-01 09:00+00, Wed 12-02 09:00+00, Thu 12-03 09:00+00
#     netresearch: Mon 12-07 09:00+00, Mon 01-04 09:00+00, Mon 02-01 09:00+00
#     gronx: Tue 12-01 09:00+00, Wed 12-02 09:00+00, Thu 12-03 09:00+00
#     hashicorp: Tue 12-01 09:00+00, Wed 12-02 09:00+00, Thu 12-03 09:00+00
#     supercronic: Tue 12-01 09:00+00, Wed 12-02 09:00+00, Thu 12-03 09:00+00
#     gorhill: Tue 12-01 09:00+00, Wed 12-02 09:00+00, Thu 12-03 09:00+00
#   0 9 */10 * 1, UTC, after Mon 11-30 12:00+00
#     robfig: Tue 12-01 09:00+00, Mon 12-07 09:00+00, Fri 12-11 09:00+00
#     netresearch: Mon 12-21 09:00+00, Mon 01-11 09:00+00, Mon 02-01 09:00+00
#     gronx: Mon 12-21 09:00+00, Mon 01-11 09:00+00, Mon 02-01 09:00+00
#     hashicorp: Tue 12-01 09:00+00, Mon 12-07 09:00+00, Fri 12-11 09:00+00
#     supercronic: Tue 12-01 09:00+00, Mon 12-07 09:00+00, Fri 12-11 09:00+00
#     gorhill: Tue 12-01 09:00+00, Mon 12-07 09:00+00, Fri 12-11 09:00+00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/runs.go" <<'GO'
package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/adhocore/gronx"
	supercronic "github.com/aptible/supercronic/cronexpr"
	gorhill "github.com/gorhill/cronexpr"
	hashicorp "github.com/hashicorp/cronexpr"
	netresearch "github.com/netresearch/go-cron"
	robfig "github.com/robfig/cron/v3"
)

type schedule interface{ Next(time.Time) time.Time }

type ofGronx string

func (line ofGronx) Next(after time.Time) time.Time {
	next, err := gronx.NextTickAfter(string(line), after, false)
	if err != nil {
		panic(err)
	}
	return next
}

func parsed[Kind schedule](parse func(string) (Kind, error)) func(string) (schedule, error) {
	return func(line string) (schedule, error) { return parse(line) }
}

var libraries = []struct {
	name  string
	parse func(string) (schedule, error)
}{
	{"robfig", parsed(robfig.ParseStandard)},
	{"netresearch", parsed(netresearch.ParseStandard)},
	{"gronx", func(line string) (schedule, error) { return ofGronx(line), nil }},
	{"hashicorp", parsed(hashicorp.Parse)},
	{"supercronic", parsed(supercronic.Parse)},
	{"gorhill", parsed(gorhill.Parse)},
}

const shown = "Mon 01-02 15:04-07"

func tell(line, place string, zone *time.Location, after string, count int) {
	from, err := time.ParseInLocation("2006-01-02 15:04", after, zone)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s, %s, after %s\n", line, place, from.Format(shown))
	for _, library := range libraries {
		var told []string
		if schedule, err := library.parse(line); err != nil {
			told = []string{"refused"}
		} else {
			for next := schedule.Next(from); len(told) < count && !next.IsZero(); next = schedule.Next(next) {
				told = append(told, next.Format(shown))
			}
			if told == nil {
				told = []string{"none"}
			}
		}
		fmt.Printf("  %s: %s\n", library.name, strings.Join(told, ", "))
	}
}

func main() {
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	tell("30 2 * * *", "New York", york, "2026-03-07 02:30", 2)
	tell("*/30 * * * *", "New York", york, "2026-03-08 01:30", 2)
	tell("0 * * * *", "New York", york, "2026-11-01 00:30", 3)
	tell("0 9 * * 5-7", "UTC", time.UTC, "2026-01-01 12:00", 3)
	tell("0 9 1-7 * 1", "UTC", time.UTC, "2026-11-30 12:00", 3)
	tell("0 9 */10 * 1", "UTC", time.UTC, "2026-11-30 12:00", 3)
}
GO
(cd "$folder" && go mod init runs && go get github.com/aptible/supercronic@v0.2.48 github.com/gorhill/cronexpr@v0.0.0-20180427100037-88b0669f7d75 \
    github.com/hashicorp/cronexpr@v1.1.3 github.com/robfig/cron/v3@v3.0.1 github.com/netresearch/go-cron@v0.9.1 github.com/adhocore/gronx@v1.20.4 &&
    go mod tidy && go build -o runs .) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$folder/runs" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
