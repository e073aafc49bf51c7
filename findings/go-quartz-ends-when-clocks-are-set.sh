#!/usr/bin/env bash
# A job of go-quartz that runs each half hour has run for the last time when clocks are set forward; one of 29 February runs on 1 March.
#
# Versions: reugn/go-quartz 0.15.2 (Go module); Go 1.26.
# A good guess: what runs each 15 or 30 minutes goes on after the hour that a night does not have. A trigger expires when its expression has no time left.
# 29 February is left out in years without it, as the 31st is in April.
# What happens:
#   1. In New York the next time after 1:30 is made of a wall clock that is not there, and read as one that is not later. `NextFireTime` then says "trigger
#      has expired", by which the scheduler drops the job: it does not run again, that night or ever. What runs each minute ends so too. What runs each
#      hour goes on, and so does all in Berlin and in UTC.
#   2. A daily run of 2:30 is at 1:30 that night.
#   3. A yearly run of 29 February is on 1 March in other years, though monthly ones of the 29th, 30th and 31st have no such days.
# Matters because: usage is collected and tickets are looked at each few minutes, in the zone of the business. From one Sunday in March on
# nothing is counted, until the process is started anew, and a test in Berlin or in January shows nothing of it. Give such triggers UTC.
#
# Output seen (2026-12-01; each time is asked after the one before it):
#   0 */30 * * * *, America/New_York, after 2026-03-08 00:45-05
#     2026-03-08 01:00-05, 2026-03-08 01:30-05, trigger has expired
#   0 */15 * * * *, America/New_York, after 2026-03-08 01:00-05
#     2026-03-08 01:15-05, 2026-03-08 01:30-05, 2026-03-08 01:45-05, trigger has expired
#   0 * * * * *, America/New_York, after 2026-03-08 01:57-05
#     2026-03-08 01:58-05, 2026-03-08 01:59-05, trigger has expired
#   0 */30 * * * *, Europe/Berlin, after 2026-03-29 01:00+01
#     2026-03-29 01:30+01, 2026-03-29 03:00+02, 2026-03-29 03:30+02, 2026-03-29 04:00+02, and so on
#   0 0 * * * *, America/New_York, after 2026-03-08 00:45-05
#     2026-03-08 01:00-05, 2026-03-08 03:00-04, 2026-03-08 04:00-04, 2026-03-08 05:00-04, and so on
#   0 */30 * * * *, UTC, after 2026-03-08 05:45+00
#     2026-03-08 06:00+00, 2026-03-08 06:30+00, 2026-03-08 07:00+00, 2026-03-08 07:30+00, and so on
#   0 30 2 * * *, America/New_York, after 2026-03-07 07:00-05
#     2026-03-08 01:30-05, 2026-03-09 02:30-04, and so on
#   0 0 9 29 2 ?, UTC, after 2026-12-01 00:00+00
#     2027-03-01 09:00+00, 2028-02-29 09:00+00, and so on
#   0 0 9 30 * ?, UTC, after 2026-12-01 00:00+00
#     2026-12-30 09:00+00, 2027-01-30 09:00+00, 2027-03-30 09:00+00, and so on
#   jobs of a scheduler after a run of 0 */30 * * * * that night: 0
#   jobs of a scheduler after a run of 0 0 * * * * that night: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/reugn/go-quartz/job"
	"github.com/reugn/go-quartz/quartz"
)

const shown = "2006-01-02 15:04-07"

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func told(line, place, after string, count int) {
	zone, err := time.LoadLocation(place)
	check(err)
	trigger, err := quartz.NewCronTriggerWithLoc(line, zone)
	check(err)
	from, err := time.Parse(time.RFC3339, after)
	check(err)
	fmt.Printf("%s, %s, after %s\n ", line, place, from.In(zone).Format(shown))
	for at := from.UnixNano(); count > 0; count-- {
		if at, err = trigger.NextFireTime(at); err != nil {
			fmt.Println("", err)
			return
		}
		fmt.Print(" ", time.Unix(0, at).In(zone).Format(shown), ",")
	}
	fmt.Println(" and so on")
}

// shifted is a trigger of a night in the past, moved so that a scheduler meets that night now.
type shifted struct {
	*quartz.CronTrigger
	behind int64
}

func (trigger shifted) NextFireTime(previous int64) (int64, error) {
	next, err := trigger.CronTrigger.NextFireTime(previous - trigger.behind)
	return next + trigger.behind, err
}

func main() {
	told("0 */30 * * * *", "America/New_York", "2026-03-08T05:45:00Z", 4)
	told("0 */15 * * * *", "America/New_York", "2026-03-08T06:00:00Z", 5)
	told("0 * * * * *", "America/New_York", "2026-03-08T06:57:00Z", 5)
	told("0 */30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4)
	told("0 0 * * * *", "America/New_York", "2026-03-08T05:45:00Z", 4)
	told("0 */30 * * * *", "UTC", "2026-03-08T05:45:00Z", 4)
	told("0 30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2)
	told("0 0 9 29 2 ?", "UTC", "2026-12-01T00:00:00Z", 2)
	told("0 0 9 30 * ?", "UTC", "2026-12-01T00:00:00Z", 3)

	zone, err := time.LoadLocation("America/New_York")
	check(err)
	for _, line := range []string{"0 */30 * * * *", "0 0 * * * *"} {
		trigger, err := quartz.NewCronTriggerWithLoc(line, zone)
		check(err)
		night, err := trigger.NextFireTime(time.Date(2026, 3, 8, 6, 0, 0, 0, time.UTC).UnixNano())
		if line == "0 0 * * * *" {
			night, err = trigger.NextFireTime(time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC).UnixNano())
		}
		check(err)
		scheduler, err := quartz.NewStdScheduler(quartz.WithOutdatedThreshold(time.Minute))
		check(err)
		runs := make(chan bool, 1)
		check(scheduler.ScheduleJob(
			quartz.NewJobDetail(job.NewFunctionJob(func(context.Context) (bool, error) { runs <- true; return true, nil }), quartz.NewJobKey("collect")),
			shifted{trigger, time.Now().Add(2*time.Second).UnixNano() - night},
		))
		scheduler.Start(context.Background())
		<-runs
		time.Sleep(200 * time.Millisecond)
		keys, err := scheduler.GetJobKeys()
		check(err)
		fmt.Printf("jobs of a scheduler after a run of %s that night: %d\n", line, len(keys))
		scheduler.Stop()
	}
}
GO
(cd "$folder" && go mod init told && go get github.com/reugn/go-quartz@v0.15.2 && go mod tidy && go build -o told .) \
    > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
timeout 60 "$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
