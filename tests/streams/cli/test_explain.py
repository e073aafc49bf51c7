"""``tidemark explain``: what it prints adds up to what `replay` prints; questions are checked."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exporters.wording import NOTHING
from streams.cli import main
from tests.field.case import FOLDER

SINCE, AT = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"


def _subscription(number: int, account: str, time: str, amount: int, **more: Any) -> str:
    item = {"plan_id": "p", "amount": amount, "currency": "USD", "interval": "month"}
    data = {"account_id": account, "subscription_id": f"s_{account}", "status": "active"}
    event = {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "test",
        "type": "subscription.updated" if more or number > 3 else "subscription.created",
        "time": time,
        "data": {**data, "items": [item], **more},
    }
    return json.dumps(event) + "\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A file of four accounts: one grows, one leaves, one joins, one stays."""
    file = tmp_path / "events.ndjson"
    lines = [
        _subscription(1, "grows", "2026-01-02T00:00:00Z", 1000),
        _subscription(2, "leaves", "2026-01-03T00:00:00Z", 2000),
        _subscription(3, "stays", "2026-01-04T00:00:00Z", 4000),
        _subscription(4, "grows", "2026-02-05T00:00:00Z", 1700),
        _subscription(5, "leaves", "2026-02-06T00:00:00Z", 2000, status="canceled"),
        _subscription(6, "joins", "2026-02-07T00:00:00Z", 300),
    ]
    file.write_text("".join(lines))
    return file


def _lines(capsys: pytest.CaptureFixture[str], *words: str | Path) -> list[dict[str, Any]]:
    assert main(["explain", *map(str, words), "--format", "json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def _replayed(capsys: pytest.CaptureFixture[str], file: Path, kpi: str, at: str) -> float:
    assert main(["replay", str(file), "--at", at]) == 0
    samples = map(json.loads, capsys.readouterr().out.splitlines())
    [value] = [each["value"] for each in samples if each["kpi"] == kpi]
    return float(value)


def test_accounts_add_up(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The values of all accounts make the figure of `replay`, and the change what it changed by."""
    now = _lines(capsys, "mrr", events, "--at", AT)
    assert sum(each["value"] for each in now) == _replayed(capsys, events, "mrr", AT) == 60
    moved = _lines(capsys, "mrr", events, "--since", SINCE, "--at", AT)
    assert sum(each["value"] for each in moved) == -10
    assert sum(each["value_at"] for each in moved) == 60
    assert sum(each["value_since"] for each in moved) == _replayed(capsys, events, "mrr", SINCE)
    assert [each["account"] for each in moved] == ["leaves", "grows", "joins", "stays"]


def test_movements_add_up(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each movement of each account; together they are the change."""
    found = _lines(capsys, "mrr", events, "--since", SINCE, "--at", AT, "--by", "movement")
    assert [(each["account"], each["movement"], each["value"]) for each in found] == [
        ("leaves", "churn", -20),
        ("grows", "expansion", 7),
        ("joins", "new", 3),
    ]


def test_a_movement_of_two_accounts_is_told_though_it_comes_to_nothing(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one hands over and another takes is in both rows, whose effects it makes."""
    transfer = json.loads(_subscription(7, "stays", "2026-02-08T00:00:00Z", 0))
    transfer["type"] = "subscription.transferred"
    transfer["data"] = {
        "account_id": "stays",
        "subscription_id": "s_stays",
        "into_account_id": "grows",
    }
    events.write_text(events.read_text() + json.dumps(transfer) + "\n")
    words = ["explain", "mrr", str(events), "--since", SINCE, "--at", AT, "--by", "movement"]
    assert main(words) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    [heads] = [row for row in rows if row[0] == "ACCOUNT"]
    assert heads[-1] == "TRANSFER"
    [row] = [row for row in rows if row[0] == "stays"]
    assert row[1] == row[-2] == "\N{MINUS SIGN}40.00"
    assert ["transfer", NOTHING] in rows


def test_values_are_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Amounts have all decimals of micro-units, so they add up however many there are."""
    file = tmp_path / "events.ndjson"
    yearly = [_subscription(n, f"a{n}", "2026-01-02T00:00:00Z", 1000) for n in range(1, 4)]
    file.write_text("".join(yearly).replace('"month"', '"year"'))
    values = [each["value"] for each in _lines(capsys, "mrr", file, "--at", AT)]
    assert values == [Decimal("0.833333")] * 3
    assert sum(values) == Decimal("2.499999")
    assert _replayed(capsys, file, "mrr", AT) == 2.499999


def test_a_quotient_is_explained_by_both_sides(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Revenue per account moved from 70/3 to 60/3: by 7 more, by 20 - 70/3 less, by 3 - 70/3."""
    found = _lines(capsys, "cs_arpa", events, "--since", SINCE, "--at", AT)
    effects = {each["account"]: float(each["value"]) for each in found}
    assert effects["grows"] == pytest.approx(7 / 3)
    assert effects["leaves"] == pytest.approx((-20 + 70 / 3) / 3)
    assert effects["joins"] == pytest.approx((3 - 70 / 3) / 3)
    assert sum(effects.values()) == pytest.approx(-10 / 3)
    for side, total in (("numerator", 60), ("denominator", 3)):
        assert sum(each[side] for each in found) == total
    assert sum(each["numerator_since"] for each in found) == 70


def test_what_is_no_sum_tells_its_terms(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has an effect on a lifetime value; of its terms each has a part."""
    found = _lines(capsys, "ltv", events, "--at", AT)
    assert all(each["value"] is None for each in found)
    assert sum(each["terms"]["mrr"] for each in found) == 60


def test_events_of_an_account_add_up(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The events of an account make what it has; an account whose events are not asked for has
    one line, so that all add up."""
    words = ("--since", SINCE, "--at", AT, "--by", "event", "--account", "leaves")
    found = _lines(capsys, "mrr", events, *words)
    own = [each for each in found if each["account"] == "leaves"]
    assert [(each["event"], each["value_at"], each["value"]) for each in own] == [
        ("e2", 20, 0),
        ("e5", -20, -20),
    ]
    assert sum(each["value"] for each in found) == -10
    assert all("event" not in each for each in found if each not in own)


def _record(event_id: str, kind: str, time: str, data: dict[str, Any]) -> str:
    head = {"specversion": "1.0", "id": event_id, "source": "test", "type": kind, "time": time}
    return json.dumps({**head, "data": {"account_id": "acme", **data}}) + "\n"


@pytest.mark.parametrize("kpi", ["active_users", "tickets_created"])
def test_events_of_one_id_are_told_as_they_are_folded(
    kpi: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An id is one event within a row only; so many as count in the figure are told."""
    file = tmp_path / "events.ndjson"
    with file.open("w") as lines:
        for day in range(10, 14):
            time = f"2026-02-{day}T10:00:00Z"
            user = {"user_id": f"u{day}"}
            lines.write(_record("same", "user.added", time, user))
            lines.write(_record("same", "feature.used", time, {**user, "feature": "f"}))
            lines.write(_record("same", "ticket.created", time, {"ticket_id": f"t{day}"}))
    found = _lines(capsys, kpi, file, "--at", AT, "--by", "event")
    assert [each["value"] for each in found] == [1, 1, 1, 1]


def test_of_contradicting_events_the_folded_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event that was refused for another of its id is not told, though it came earlier."""
    file = tmp_path / "events.ndjson"
    later = _subscription(1, "a", "2026-01-09T00:00:00Z", 5000)
    file.write_text(later + _subscription(1, "a", "2026-01-02T00:00:00Z", 9000))
    found = _lines(capsys, "mrr", file, "--at", AT, "--by", "event")
    assert [each["value"] for each in found] == [50]


def test_a_repeated_use_is_counted_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Uses of a day are counted by their ids, however often they were delivered."""
    file = tmp_path / "events.ndjson"
    use = {"user_id": "u", "feature": "f"}
    lines = [_record(n, "feature.used", "2026-02-10T10:00:00Z", use) for n in ("a", "b", "a")]
    added = _record("u", "user.added", "2026-02-01T10:00:00Z", {"user_id": "u"})
    file.write_text(added + "".join(lines))
    found = _lines(capsys, "active_users", file, "--at", AT, "--by", "event")
    assert [each["events"] for each in found] == [2]


def test_events_of_a_merged_account_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Who is asked about an account hears of the events of the ones that were merged into it."""
    [case] = FOLDER.glob("40_*")
    file = case / "events.ndjson"
    words = ("mrr", file, "--at", "2027-01-01T00:00:00Z")
    accounts = {each["account"]: each["value"] for each in _lines(capsys, *words)}
    found = _lines(capsys, *words, "--by", "event")
    for account, value in accounts.items():
        assert sum(each["value"] for each in found if each["account"] == account) == value
    assert accounts


def test_what_movements_leave_is_told(
    events: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A KPI of one's own may lack a movement; the rest has a name, so all add up."""
    file = tmp_path / "kpis.toml"
    file.write_text(
        '[[kpi]]\nid = "my_mrr"\ncode = "+"\nfamily = "revenue"\ntitle = "Mine"\n'
        'formula = "mrr"\nunit = "money"\ngood = "up"\nsource = "subscription.*"\n'
        'description = "Mine."\nmovements = { fresh = "new_mrr" }\n'
    )
    monkeypatch.setenv("TIDEMARK_KPI_FILES", json.dumps([str(file)]))
    words = ("--since", SINCE, "--at", AT, "--by", "movement")
    found = _lines(capsys, "my_mrr", events, *words)
    moved = {(each["movement"], each["value"]) for each in found}
    assert moved == {("fresh", 3), ("unnamed", 7), ("unnamed", -20)}
    assert "unnamed" not in {each["movement"] for each in _lines(capsys, "mrr", events, *words)}


def test_a_merged_account_is_found_under_another(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for an account that was merged is told which one has its figures now."""
    [case] = FOLDER.glob("40_*")
    words = ["explain", "mrr", str(case / "events.ndjson"), "--at", "2027-01", "--account"]
    merge = next(
        event["data"]
        for event in map(json.loads, (case / "events.ndjson").read_text().splitlines())
        if event["type"] == "account.merged"
    )
    assert main([*words, merge["account_id"]]) == 1
    assert f"it was merged into {merge['into_account_id']!r}" in capsys.readouterr().err


def test_csv_has_a_row_for_each_account(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CSV has whole amounts, all others last, and movements where they were asked for."""
    words = ["explain", "arr", str(events), "--since", SINCE, "--at", AT, "--by", "movement"]
    assert main([*words, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["account"]: row["12 * mrr"] for row in rows} == {
        "leaves": "0",
        "grows": "204000000",
        "joins": "36000000",
        "": "480000000",
    }
    assert sum(int(row["churn"]) for row in rows) == -240_000_000


@pytest.mark.parametrize("by", ["account", "movement", "event"])
def test_columns_of_csv_add_up(by: str, events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accounts that are not shown one by one are a last row, so sums are those of the figure."""
    words = ["explain", "mrr", str(events), "--since", SINCE, "--at", AT, "--by", by]
    assert main([*words, "--top", "1", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(int(row["mrr"]) for row in rows) == 60_000_000
    assert sum(int(row["mrr since"]) for row in rows) == 70_000_000
    assert {row["account"] for row in rows} == {"leaves", ""}


def test_what_accounts_have_of_a_quantile_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has an effect on a median; of how many waits it is taken is told of each account."""
    [case] = FOLDER.glob("132_*")
    words = ["first_response_seconds", str(case / "events.ndjson"), "--label", "stat=p50"]
    assert main(["explain", *words, "--at", "2026-03-20T00:00:00Z"]) == 0
    _, heads, *rows, term = capsys.readouterr().out.splitlines()
    assert heads.split() == ["ACCOUNT", "(1)"]
    total = term.removeprefix("(1) count(first_response): ")
    assert sum(int(row.split()[-1]) for row in rows) == int(total) > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mmr", "--at", AT], "there is no KPI 'mmr'; is mrr meant?"),
        (["mrr", "--at", AT, "--since", AT], "is not before its end"),
        (["mrr", "--at", AT, "--by", "movement"], "--by movement needs --since and a KPI"),
        (["arpa", "--at", AT, "--since", SINCE, "--by", "movement"], "as mrr, arr do"),
        (["mrr", "--at", AT, "--window", "30d"], "it is a figure of the moment"),
        (["new_mrr", "--at", AT, "--window", "7d"], "there is month, 30d"),
        (["churned_mrr", "--at", AT], "churned_mrr has a figure for each reason: say which of"),
        (["mrr", "--at", AT, "--label", "reason=x"], "mrr has no label 'reason'; its labels: none"),
        (["mrr", "--at", AT, "--label", "reason"], "--label 'reason' is not NAME=VALUE"),
        (["mrr", "--at", AT, "--segment", "size=x"], "has no attribute 'size'"),
        (["mrr", "--at", AT, "--account", "nobody"], "account 'nobody' has nothing in mrr"),
        (
            ["mrr", "--at", AT, "--segment", "segment=x"],
            "no account has segment 'x'; there are unk",
        ),
        (["churned_mrr", "--at", AT, "--label", "reason=voluntry"], "is none of involuntary, vol"),
        (
            ["feature_adoption_ratio", "--at", AT, "--label", "feature=x"],
            "feature of feature_adoption_ratio is none of none so far: 'x'",
        ),
        (["kpi_target", "--at", AT], "kpi_target is about other KPIs"),
        (["first_response_seconds", "--label", "stat=p33", "--at", AT], "is none of mean, p50"),
    ],
)
def test_what_cannot_be_answered_is_said(
    words: list[str], said: str, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question without an answer ends with what may be asked instead."""
    assert main(["explain", words[0], str(events), *words[1:]]) == 1
    assert said in capsys.readouterr().err


def test_events_cannot_be_read_twice_from_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard input is refused before it is read where it would be read twice."""
    assert main(["explain", "mrr", "-", "--at", AT, "--by", "event"]) == 1
    assert "read twice" in capsys.readouterr().err
