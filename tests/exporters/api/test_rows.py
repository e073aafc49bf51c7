"""What accounts have: the fields and numbers of ``tidemark explain``, adding up exactly."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exporters.http import Server
from streams.local.embedded import Embedded
from tests.exporters.api import company
from tests.exporters.api.company import Got, commanded, get

SPAN = {"since": "2026-01", "at": "2026-02"}
OPTIONS = ("--since", SPAN["since"], "--at", SPAN["at"])


def contributors(server: Server, kpi: str, **query: str) -> Any:
    """Returns what accounts have, all on one page."""
    got = get(server, f"/kpis/{kpi}/contributors", limit=1000, **query)
    assert got.status == 200, got.body
    return got.json


@pytest.mark.parametrize(
    ("kpi", "query", "options"),
    [
        ("mrr", {}, ()),
        ("arpa", {}, ()),
        ("first_response_seconds", {"stat": "p50"}, ("--label", "stat=p50")),
        ("mrr_by_health", {"band": "red"}, ("--label", "band=red")),
        ("mrr", {"segment": "smb"}, ("--segment", "segment=smb")),
        ("first_response_seconds", {"window": "7d"}, ("--window", "7d")),
    ],
)
@pytest.mark.parametrize("times", [False, True])
def test_contributors_are_explained(
    server: Server,
    folder: Path,
    kpi: str,
    query: dict[str, str],
    options: tuple[str, ...],
    times: bool,
) -> None:
    """Each line is one of `explain --format json`, in the same order, at a time or in a change."""
    span = SPAN if times else {"at": SPAN["at"]}
    asked = OPTIONS if times else OPTIONS[2:]
    lines = commanded(folder, "explain", kpi, *asked, *options)
    assert len(lines) > 2
    found = contributors(server, kpi, **query, **span)
    assert found["contributors"] == lines
    assert found["accounts"] == len(lines)


@pytest.mark.parametrize("kpi", ["mrr", "arpa", "customer_churn_ratio", "new_mrr"])
@pytest.mark.parametrize("span", [{"at": "2026-02-10"}, {"at": "2026-02-10", "since": "2026-01"}])
def test_parts_add_up(server: Server, kpi: str, span: dict[str, str]) -> None:
    """Of each column of integers the accounts' parts are the whole, to the last micro-unit."""
    found = contributors(server, kpi, **span)
    columns = {name for name in found["total"] if name != "value" or kpi in ("mrr", "new_mrr")}
    assert columns
    for name in columns:
        parts = [Decimal(each[name]) for each in found["contributors"]]
        assert sum(parts) == Decimal(found["total"][name]), name
    assert any(each["value"] for each in found["contributors"])


def test_the_whole_is_the_figure(server: Server) -> None:
    """What adds up is what gauges show, at both ends of a change."""
    found = contributors(server, "mrr", **SPAN)
    total = found["total"]
    assert (float(found["value"]), float(found["value_since"])) == (
        float(total["value_at"]),
        float(total["value_since"]),
    )
    shown = get(server, "/kpis/mrr/series", from_=SPAN["since"], to=SPAN["at"], step="1mo").json
    assert shown["series"][0]["values"] == [found["value_since"], found["value"]]


def test_an_amount_has_all_its_digits(server: Server) -> None:
    """A twelfth of 100.01 is told to the micro-unit, not as a float of it."""
    found = contributors(server, "mrr", at="2026-02-10")
    [odd] = [each for each in found["contributors"] if each["account"] == company.ODD]
    assert odd == {"account": company.ODD, "value": Decimal("8.334167")}


@pytest.mark.parametrize("kpi", ["mrr", "arr"])
def test_movements_add_up(server: Server, folder: Path, kpi: str) -> None:
    """Together they are the change; by account they are the lines of `explain --by movement`."""
    path, span = f"/kpis/{kpi}/movements", {"since": "2025-10", "at": "2026-02-25"}
    together = get(server, path, **span).json
    assert sum(each["value"] for each in together["movements"]) == together["total"]["value"]
    assert together["total"]["value"] != 0
    own = get(server, path, by="account", limit=1000, **span).json["movements"]
    options = ("--since", span["since"], "--at", span["at"], "--by", "movement")
    assert own == commanded(folder, "explain", kpi, *options)
    for each in together["movements"]:
        parts = [one["value"] for one in own if one["movement"] == each["movement"]]
        assert sum(parts) == each["value"]


def test_an_account(server: Server) -> None:
    """Its attributes, and its headlines alone: of what adds up, its part of the whole."""
    told = get(server, company.account_path(company.ODD)).json
    assert (told["account"], told["merged_into"], told["internal"]) == (company.ODD, None, False)
    assert told["attributes"] == {"segment": "unknown"}
    [own] = [each for each in told["headlines"] if each["kpi"] == "mrr"]
    [part] = [
        each
        for each in contributors(server, "mrr")["contributors"]
        if each["account"] == company.ODD
    ]
    assert Decimal(own["value"]) == part["value"]
    assert own["labels"] == {"currency": "USD"}


def test_a_merged_account(server: Server) -> None:
    """It says where its figures are, and the other says whose it has."""
    gone, there = (get(server, company.account_path(name)).json for name in ("acct_2", "acct_3"))
    assert (gone["merged_into"], there["merged_into"]) == ("acct_3", None)
    assert there["related"] == ["acct_2"]
    assert {"acct_2"}.isdisjoint(
        each["account"] for each in contributors(server, "mrr")["contributors"]
    )


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/kpis/mrr/contributors", {}),
        ("/kpis/mrr/contributors", SPAN),
        ("/kpis/arpa/contributors", SPAN),
        ("/kpis/mrr/movements", {"since": "2026-01"}),
        ("/kpis/mrr/movements", {"since": "2026-01", "by": "account"}),
    ],
)
def test_a_table_has_the_same(server: Server, path: str, query: dict[str, str]) -> None:
    """CSV has a column for each field; a text that spreadsheets would compute has an apostrophe."""
    got = get(server, path, format="csv", limit=1000, **query)
    told = get(server, path, limit=1000, **query).json
    lines = told.get("contributors", told.get("movements"))
    wanted = [{name: _cell(value) for name, value in line.items()} for line in lines]
    assert len(wanted) > 3
    assert got.table == wanted


def _cell(value: object) -> str:
    return f"'{value}" if str(value).startswith("=") else str(value)


def test_terms_have_columns(server: Server) -> None:
    """What is made of several terms has each of them in a column of its own."""
    got = get(server, "/kpis/first_response_seconds/contributors", stat="p50", format="csv")
    told = contributors(server, "first_response_seconds", stat="p50")
    [term] = told["total"]["terms"]
    assert [row[f"terms: {term}"] for row in got.table][:3] == [
        str(each["terms"][term]) for each in told["contributors"][:3]
    ]


def refused(got: Got) -> tuple[int, str]:
    """Returns status and detail of a problem."""
    assert got.headers["content-type"] == "application/problem+json"
    return got.status, got.json["detail"]


PATHS = ("/kpis/mrr/contributors", "/kpis/mrr/movements?since=-30d", "/accounts/acct_1")


@pytest.mark.parametrize("path", PATHS)
def test_without_rows_it_says_why(path: str) -> None:
    """An exporter has no rows, and accounts may be switched off: that is told."""
    with company.served(company.live(), None) as server:
        status, detail = refused(get(server, path))
        assert status == 404
        assert "account_pages" in detail
        assert get(server, "/kpis/mrr").status == 200


@pytest.mark.parametrize("path", PATHS)
def test_before_history_is_read(path: str) -> None:
    """Nothing is told of a part of history: it is to be asked again."""
    young = Embedded(company.PLAN)
    with company.served(company.live(young), young.rows) as server:
        got = get(server, path)
        assert (got.status, got.headers["retry-after"]) == (503, "5")
        assert "there are no figures by now" in refused(got)[1]


@pytest.mark.parametrize("path", PATHS[:2])
def test_before_rows_are_read(path: str) -> None:
    """Parts of half a history would not add up to figures that are there already."""
    with company.served(company.live(), Embedded(company.PLAN).rows) as server:
        got = get(server, path)
        assert (got.status, got.headers["retry-after"]) == (503, "5")
        assert "history is still being read" in refused(got)[1]
