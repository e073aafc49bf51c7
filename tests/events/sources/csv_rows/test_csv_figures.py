"""From a CSV export to figures: `tidemark import csv`, then `tidemark replay`."""

import json
from pathlib import Path

import pytest

from streams.cli import main
from tests.events.sources.importing import figure

ANSWERS = """
timezone = "Europe/Berlin"
time_format = "%d.%m.%Y %H:%M"
[[rows]]
type = "survey_response.created"
id = "Nr"
time = "Beantwortet"
[rows.fields]
account_id = "Firma"
response_id = "Nr"
respondent_id = "Person"
survey_type = {value = "nps"}
score = "Wert"
"""
ANSWERED = """Nr;Firma;Person;Wert;Beantwortet;Kommentar
1;acme;p1;10;02.03.2026 09:00;gut
2;acme;p2;9;02.03.2026 09:05;"sehr; gut
wirklich"
3;globex;p3;7;03.03.2026 11:00;
4;globex;p4;3;04.03.2026 12:00;
5;globex;p5;;04.03.2026 13:00;
6;globex;p6;zehn;04.03.2026 14:00;
"""

SUBSCRIPTIONS = """
decimal = ","
[[rows]]
type = "subscription.created"
id = "id"
time = "start"
[rows.fields]
account_id = "customer"
subscription_id = "id"
status = {value = "active"}
[[rows.fields.items]]
plan_id = "plan"
quantity = "seats"
amount = {column = "price", unit = "major", times = "seats", strip = "$ "}
currency = {value = "USD"}
interval = {column = "billed", map = {monthly = "month", yearly = "year"}}

[[rows]]
type = "subscription.deleted"
id = "id"
time = "end"
when = {column = "end", empty = false}
fields = {account_id = "customer", subscription_id = "id"}
"""
SUBSCRIBED = """id,customer,plan,seats,price,billed,start,end
s1,acme,pro,10,"49,00",monthly,2026-01-01T00:00:00Z,
s2,globex,team,2,"$ 120,00",yearly,2026-01-15T00:00:00Z,
s3,initech,pro,1,"49,50",monthly,2026-01-15T00:00:00Z,2026-03-01T00:00:00Z
"""


def imported(folder: Path, mapping: str, file: str) -> tuple[int, Path]:
    """Imports a file; returns the exit code and the file of events."""
    (folder / "mapping.toml").write_text(mapping)
    (folder / "export.csv").write_text(file)
    out = folder / "events.ndjson"
    given = ["--options", str(folder / "mapping.toml"), "--out", str(out)]
    return main(["import", "csv", *given, str(folder / "export.csv")]), out


def test_nps_of_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two promoters, a passive and a detractor: 100 * (2 - 1) / 4 = 25. A skipped one is in no
    score, and one that is no number is not told, and the exit code says so."""
    code, events = imported(tmp_path, ANSWERS, ANSWERED)
    assert code == 1
    assert "unreadable_number" in capsys.readouterr().err
    assert figure(events, capsys, "2026-03-10T00:00:00Z", "nps", window="90d") == 25.0


def test_mrr_of_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """10 seats at 49 a month, 2 at 120 a year, 1 at 49.50 a month: 490 + 20 + 49.50, then less."""
    code, events = imported(tmp_path, SUBSCRIPTIONS, SUBSCRIBED)
    assert code == 0
    assert figure(events, capsys, "2026-02-01T00:00:00Z", "mrr") == 559.5
    assert figure(events, capsys, "2026-03-02T00:00:00Z", "mrr") == 510.0


def test_what_our_decoder_refuses_takes_its_row_along(tmp_path: Path) -> None:
    """A ticket of which the solving is out of band is not told as open for ever."""
    mapping = """
[[rows]]
type = "ticket.created"
id = "id"
time = "created"
fields = {ticket_id = "id"}
[[rows]]
type = "ticket.status_changed"
id = "id"
time = "solved"
fields = {ticket_id = "id", current = {value = "solved"}}
"""
    file = (
        "id,created,solved\n"
        "1,2026-01-01T00:00:00Z,1999-01-01T00:00:00Z\n"
        "2,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z\n"
    )
    code, events = imported(tmp_path, mapping, file)
    told = [json.loads(line)["id"] for line in events.read_text().splitlines()]
    assert (code, told) == (1, ["2/ticket.created", "2/ticket.status_changed"])
