"""Figures of the API are those of ``tidemark replay`` of the same events, number for number."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from exporters.http import Server
from tests.exporters.api import company
from tests.exporters.api.company import commanded, get

Key = tuple[tuple[str, str], ...]

KPIS: Final = ["mrr", "churned_mrr", "arpa", "first_response_seconds", "nps", "kpi_change_7d"]
"""A level, a flow with a label, a quotient, quantiles, a score, and one about others."""


def key(labels: dict[str, str]) -> Key:
    """Returns labels in an order."""
    return tuple(sorted(labels.items()))


def parts(line: dict[str, Any]) -> list[Decimal | None]:
    """Returns value, numerator and denominator of a figure."""
    found = [line.get(name) for name in ("value", "numerator", "denominator")]
    return [None if each is None else Decimal(each) for each in found]


def of_window(line: dict[str, Any], window: str | None) -> bool:
    """Whether a line of replay is over a window; those about other KPIs name theirs as a label."""
    return bool(line["labels"].get("window") == window)


def test_all_figures_now_are_those_of_replay(server: Server, folder: Path) -> None:
    """Each KPI with each window and label, no more and no less."""
    got = get(server, "/kpis", limit=1000).json
    assert (got["at"], got["currency"], got["timezone"]) == (company.END, "USD", "UTC")
    assert [kpi["id"] for kpi in got["kpis"]] == [kpi.id for kpi in company.catalogue()]
    found = {
        (kpi["id"], key(figure["labels"])): parts(figure)
        for kpi in got["kpis"]
        for figure in kpi["figures"]
    }
    replayed = commanded(folder, "replay", "--at", company.END)
    assert len(replayed) > 300
    assert found == {(line["kpi"], key(line["labels"])): parts(line) for line in replayed}


def test_one_kpi_is_as_in_the_list(server: Server) -> None:
    """By its id or its metric."""
    every = {kpi["id"]: kpi for kpi in get(server, "/kpis", limit=1000).json["kpis"]}
    got = get(server, "/kpis/mrr").json
    assert got["kpi"] == every["mrr"]
    assert got["kpi"]["unit"] == "money"
    assert get(server, "/kpis/cs_mrr").json == got


@pytest.mark.parametrize("kpi", KPIS)
def test_a_series_is_replayed(server: Server, folder: Path, kpi: str) -> None:
    """Each series at each time of a grid; null stands where replay has no line."""
    got = get(server, f"/kpis/{kpi}/series", from_="2026-01-20", to="2026-02-20", step="1w").json
    times = [f"2026-{day}T00:00:00Z" for day in ("01-20", "01-27", "02-03", "02-10", "02-17")]
    assert got["times"] == times
    replayed: defaultdict[Key, dict[str, list[Decimal | None]]] = defaultdict(dict)
    options = ["--from", "2026-01-20", "--to", "2026-02-20", "--every", "7d", "--kpi", kpi]
    for line in commanded(folder, "replay", *options):
        if of_window(line, got["window"]):
            replayed[key(line["labels"])][line["at"]] = parts(line)
    assert got["series"], "else nothing is compared"
    for each in got["series"]:
        nothing = [None] * len(times)
        columns = (each["values"], *(each.get(n, nothing) for n in ("numerators", "denominators")))
        for at, *values in zip(times, *columns, strict=True):
            wanted = replayed[key(each["labels"])].pop(at, None)
            if wanted is None:
                assert values[0] is None
            else:
                assert [None if v is None else Decimal(v) for v in values] == wanted
    assert not any(replayed.values()), "each line of replay is in a series"


def test_a_series_of_some_accounts(server: Server, folder: Path) -> None:
    """A segment is counted alone, whether its attribute is named or not; so is a label."""
    query = {"from_": "2025-09-01", "to": "2026-02-01", "window": "30d", "step": "1w"}
    path = "/kpis/churned_mrr/series"
    got = get(server, path, segment="smb", reason="voluntary", **query).json
    named = get(server, path, segment="segment=smb", reason="voluntary", **query).json
    assert got == named
    assert got["segment"] == {"segment": "smb"}
    [series] = got["series"]
    options = ["--from", "2025-09-01", "--to", "2026-02-01", "--every", "7d"]
    options += ["--kpi", "churned_mrr", "--segment", "segment=smb"]
    replayed = [
        line["value"]
        for line in commanded(folder, "replay", *options)
        if line["labels"]["reason"] == "voluntary" and of_window(line, "30d")
    ]
    assert series["values"] == replayed
    assert any(replayed)


@pytest.mark.parametrize("kpi", ["mrr", "arpa", "churned_mrr"])
def test_segments_are_replayed(server: Server, folder: Path, kpi: str) -> None:
    """By segment at an instant, each segment that has a value."""
    got = get(server, f"/kpis/{kpi}/segments", at="2026-02-10", limit=1000).json
    assert (got["at"], got["attributes"]) == ("2026-02-10T00:00:00Z", ["segment"])
    found = {key(each["labels"]): parts(each) for each in got["segments"]}
    lines = commanded(folder, "replay", "--at", "2026-02-10", "--kpi", kpi, "--by-segment")
    wanted = {
        key(line["labels"]): parts(line)
        for line in lines
        if "segment" in line["labels"] and of_window(line, got["window"])
    }
    assert len(found) > 2
    assert found == wanted


def test_other_times_are_taken_up(server: Server, folder: Path) -> None:
    """What is no edge is the next one, as for replay, and the answer says which."""
    got = get(server, "/kpis/mrr/segments", at="2026-02-10T10:01:00+01:00").json
    assert got["at"] == "2026-02-10T09:15:00Z"
    [line] = commanded(folder, "replay", "--at", "2026-02-10T10:01:00+01:00", "--kpi", "mrr")
    assert line["at"] == got["at"]
    whole = sum(each["value"] for each in got["segments"])
    assert float(whole) == pytest.approx(float(line["value"]))


def test_now_is_the_time_of_gauges(server: Server) -> None:
    """Without a time, with `now`, and 0 days back, it is the edge at which gauges are read."""
    answers = [get(server, "/kpis/mrr/segments", **query).json for query in _NOWS]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["at"] == company.END
    back = get(server, "/kpis/mrr/segments", at="-30d").json
    assert back["at"] == "2026-01-28T12:00:00Z"


_NOWS: Final[list[dict[str, str]]] = [{}, {"at": "now"}, {"at": "-0d"}]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/kpis", {"limit": 1000}),
        ("/kpis/churned_mrr", {}),
        ("/kpis/arpa/series", {"from_": "2026-01", "step": "1d"}),
        ("/kpis/churned_mrr/segments", {"at": "2026-02-20"}),
        (company.account_path("acct_3"), {}),
    ],
)
def test_a_table_has_the_same_figures(server: Server, path: str, query: dict[str, str]) -> None:
    """CSV is JSON in rows: each number as it is written there, nothing where there is none."""
    got = get(server, path, format="csv", **query)
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    told = get(server, path, **query).json
    rows = [
        (row["kpi"], row["labels"], row["value"], row["numerator"], row["denominator"])
        for row in got.table
    ]
    assert len(rows) > 2
    assert rows == list(_cells(told))


def _cells(told: dict[str, Any]) -> Any:
    """Yields the cells of what is told as JSON."""
    if "series" in told:
        for series in told["series"]:
            names = ("values", "numerators", "denominators")
            columns = [series.get(name, [None] * len(told["times"])) for name in names]
            for values in zip(*columns, strict=True):
                yield (told["kpi"], _labels(series), *map(_cell, values))
        return
    if "kpis" in told or "figures" in told.get("kpi", ""):
        for kpi in told.get("kpis", [told.get("kpi")]):
            for each in kpi["figures"]:
                yield (kpi["id"], _labels(each), *map(_cell, parts(each)))
        return
    for each in told["segments" if "segments" in told else "headlines"]:
        yield (each.get("kpi", told.get("kpi")), _labels(each), *map(_cell, parts(each)))


def _labels(each: dict[str, Any]) -> str:
    return ";".join(f"{name}={value}" for name, value in each["labels"].items())


def _cell(value: Decimal | None) -> str:
    return "" if value is None else str(value)
