#!/usr/bin/env bash
# lifelines makes 0 years of a contract of one year, and 0 months of one from 1 February to 1 March.
#
# Versions: lifelines 0.30.0, Python 3.11.
# A good guess: `datetimes_to_durations(..., freq="M")` counts months, and "Y" years, as a calendar does: from one date to the same
# date a year later it is 12 and 1.
# What happens: they are of 30.436875 and 365.2425 days, and what is begun is cut off. A year of 365 days is 11 months and 0 years, one
# with a leap day is 12 and 1; of the months of a year February alone is 0.
# Matters because: contracts end on their days. Of customers who leave after exactly one year most are lost in year 0, those
# over a leap day in year 1, and a survival curve by years falls at its start. Count months by the calendar, or give days.
#
# Output seen:
#   2024-01-01 to 2025-01-01: 366 days, 12 months, 1 years
#   2025-01-01 to 2026-01-01: 365 days, 11 months, 0 years
#   2026-01-01 to 2026-02-01: 31 days, 1 months, 0 years
#   2026-02-01 to 2026-03-01: 28 days, 0 months, 0 years
#   survival after 0 years of those who leave after the 365 days: 0.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet lifelines==0.30.0

cat > "$folder/durations.py" <<'PY'
from lifelines import KaplanMeierFitter
from lifelines.utils import datetimes_to_durations

BEGUN = ["2024-01-01", "2025-01-01", "2026-01-01", "2026-02-01"]
ENDED = ["2025-01-01", "2026-01-01", "2026-02-01", "2026-03-01"]
UNITS = {"D": "days", "M": "months", "Y": "years"}


def durations(begun, ended, unit):
    lasted, _ = datetimes_to_durations(begun, ended, fill_date="2026-11-01", freq=unit)
    return [int(each) for each in lasted]


columns = [durations(BEGUN, ENDED, unit) for unit in UNITS]
for begun, ended, *lasted in zip(BEGUN, ENDED, *columns):
    print(f"{begun} to {ended}: " + ", ".join(f"{number} {word}" for number, word in zip(lasted, UNITS.values())))
years = durations(["2025-01-01"] * 4, ["2026-01-01"] * 4, "Y")
print("survival after 0 years of those who leave after the 365 days:", KaplanMeierFitter().fit(years, [True] * 4).predict(0))
PY

"$folder/venv/bin/python" -W ignore "$folder/durations.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
