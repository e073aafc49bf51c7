#!/usr/bin/env bash
# workalendar counts Juneteenth, Japan's substitute holidays and Brazil's Good Friday and 20 November as working days.
#
# Versions: workalendar 17.0.0, holidays 0.109 (the newest of both on 2026-11-29), Python 3.11.
# A good guess: two libraries whose only subject is public holidays agree on those of a large country, but for a day that was
# decreed this year: Juneteenth is one by a law of 2021, Japan's substitutes by one of 1973.
# What happens: its calendars of the United States and of New York have Juneteenth switched off, that of Japan knows neither the day
# in place of one that falls on a Sunday nor the day between two holidays, that of Brazil neither the 20th of November, a
# holiday since 2024, nor Good Friday. Those of Germany, France and the United Kingdom agree for 2026 and 2027.
# Matters because: times in business hours, and targets met, count a day on which nobody works. No year is refused, and nothing
# says what is missing.
#
# Output seen:
#   US 2026-06-19 a working day, in holidays Juneteenth National Independence Day
#   JP 2026-05-06 a working day, in holidays Substitute Holiday
#   JP 2026-09-22 a working day, in holidays National Holiday
#   BR 2026-04-03 a working day, in holidays Good Friday
#   BR 2026-11-20 a working day, in holidays National Day of Zumbi and Black Awareness
#   GB, FR, DE: none
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet workalendar==17.0.0 holidays==0.109

cat > "$folder/compare.py" <<'PY'
import holidays
from workalendar.america import Brazil
from workalendar.asia import Japan
from workalendar.europe import France, Germany, UnitedKingdom
from workalendar.usa import UnitedStates

CALENDARS = {"US": UnitedStates, "JP": Japan, "BR": Brazil, "GB": UnitedKingdom, "FR": France, "DE": Germany}
PARTS = {"GB": "ENG"}
agreeing = []
for code, calendar in CALENDARS.items():
    told = holidays.country_holidays(code, subdiv=PARTS.get(code), years=2026, language="en_US")
    missing = [day for day in sorted(told) if day.weekday() < 5 and calendar().is_working_day(day)]
    for day in missing:
        print(f"{code} {day} a working day, in holidays {told[day]}")
    if not missing:
        agreeing.append(code)
print(f"{', '.join(agreeing)}: none")
PY

"$folder/venv/bin/python" "$folder/compare.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
