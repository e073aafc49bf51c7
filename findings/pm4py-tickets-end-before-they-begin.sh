#!/usr/bin/env bash
# In pm4py a ticket whose events are listed newest first took -3 hours, and one whose reply came in late took 1 hour of 3, in functions beside others that sort.
#
# Versions: pm4py 2.7.23.11, pandas 3.1.1 (PyPI), Python 3.11.
# A good guess: process mining orders the events of a case by their time, which is why a log must have a column of that name. A first look says so: the
# graph of what follows what, and its times, are right in any order of rows.
# What happens: `discover_dfg`, `discover_performance_dfg` and `filter_paths_performance` sort. Durations of cases, first and last activities,
# variants, the average arrival of cases, `filter_start_activities`, `filter_case_performance` and replay take rows as they are listed, with
# no word of it; so does `convert_to_event_log`. One call of `discover_dfg` returns a sorted graph beside first and last activities that are not. Only
# `format_dataframe` sorts, which a frame that has the names of columns already seems not to need.
# Matters because: exports of tickets are newest first, and events of a topic come in late. Times to resolution are below 0, or too short
# without a sign of it, cases are left out of a filter by length, and "closed" is what tickets begin with. Sort by case and time first.
#
# Output seen (2026-11-30; hours, ticket of opened 9:00, replied 10:00, closed 12:00):
#   oldest first: duration 3, first opened, last closed, opened to replied 1, shorter than a day kept, fits 100 %
#   newest first: duration -3, first closed, last opened, opened to replied 1, shorter than a day dropped, fits 0 %
#   reply told last: duration 1, first opened, last replied, opened to replied 1, shorter than a day kept, fits 0 %
#   reply told last, graph of discover_dfg: opened > replied > closed, last replied
#   newest first, sorted by case and time: duration 3, first opened, last closed, opened to replied 1, shorter than a day kept, fits 100 %
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pm4py==2.7.23.11 pandas==3.1.1
cat > "$folder/tickets.py" <<'PY'
import contextlib
import io

import pandas

with contextlib.redirect_stdout(io.StringIO()):  # a greeting
    import pm4py

events = [("t1", name, pandas.Timestamp(f"2026-11-30 {hour}:00", tz="UTC")) for name, hour in (("opened", 9), ("replied", 10), ("closed", 12))]
columns = ["case:concept:name", "concept:name", "time:timestamp"]
oldest = pandas.DataFrame(events, columns=columns)
newest = oldest[::-1].reset_index(drop=True)
late = oldest.iloc[[0, 2, 1]].reset_index(drop=True)
net = pm4py.discover_petri_net_inductive(oldest)


def tell(name, log):
    kept = "kept" if len(pm4py.filter_case_performance(log, 0, 86400)) else "dropped"
    times, _, _ = pm4py.discover_performance_dfg(log)
    print(f"{name}: duration {pm4py.get_all_case_durations(log)[0] / 3600:g}, first {', '.join(pm4py.get_start_activities(log))}, "
          f"last {', '.join(pm4py.get_end_activities(log))}, opened to replied {times['opened', 'replied']['mean'] / 3600:g}, "
          f"shorter than a day {kept}, fits {pm4py.fitness_token_based_replay(log, *net)['percentage_of_fitting_traces']:g} %")


tell("oldest first", oldest)
tell("newest first", newest)
tell("reply told last", late)
graph, _, last = pm4py.discover_dfg(late)
assert sorted(graph) == [("opened", "replied"), ("replied", "closed")], graph
print(f"reply told last, graph of discover_dfg: opened > replied > closed, last {', '.join(last)}")
tell("newest first, sorted by case and time", newest.sort_values([columns[0], columns[2]]))
PY
"$folder/venv/bin/python" -W ignore "$folder/tickets.py" 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
