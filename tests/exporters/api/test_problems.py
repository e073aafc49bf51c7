"""Problems: each says what is wrong, where, and what may be asked instead."""

from http import HTTPStatus

import pytest

from exporters.http import Server
from tests.exporters.api.company import Got, get, request


def problem(got: Got) -> tuple[int, str, str]:
    """Returns status, parameter and detail of a problem, which is whole."""
    assert got.headers["content-type"] == "application/problem+json"
    assert got.headers["cache-control"] == "no-store"
    told = got.json
    assert (told["status"], told["title"]) == (got.status, HTTPStatus(got.status).phrase)
    return got.status, told.get("parameter", ""), told["detail"]


@pytest.mark.parametrize(
    ("path", "parameter", "detail"),
    [
        ("/kpis?kpi=mrr", "kpi", "there is no parameter 'kpi'; known: limit, after, format"),
        ("/kpis?limt=1", "limt", "did you mean limit?"),
        ("/kpis?limit=1&limit=2", "limit", "limit is given twice"),
        ("/kpis?format=xml", "format", "format 'xml' is none of json, csv"),
        ("/kpis/mrr/series?at=now", "at", "known: from, to, step"),
        ("/kpis/mrr/series?reason=voluntary", "reason", "there is no parameter 'reason'"),
        ("/kpis/churned_mrr/series?reson=x", "reson", "did you mean reason?"),
        (
            "/kpis/churned_mrr/series?reason=volontary",
            "reason",
            "did you mean voluntary or involuntary?",
        ),
        ("/kpis/churned_mrr/series?reason=a&reason=b", "reason", "reason is given twice"),
        ("/kpis/mrr/series?from=then", "from", "from 'then' is no time: give now, today"),
        ("/kpis/mrr/series?from=1999-01-01", "from", "1999"),
        ("/kpis/mrr/series?to=", "to", "to takes from 1 to 40 characters"),
        ("/kpis/mrr/series?from=2026-02&to=2026-01", "from", "from is after to"),
        ("/kpis/mrr/series?step=2d", "step", "step '2d' is none of 15m, 1h, 1d, 1w, 7d, 1mo"),
        ("/kpis/mrr/series?window=30d", "window", "there is no window"),
        ("/kpis/churned_mrr/series?window=7d", "window", "there is month, 30d"),
        ("/kpis/mrr/series?segment=plan%3Dgold", "segment", "no account has that value"),
        ("/kpis/mrr/series?segment=small", "segment", "no account has that value"),
        ("/kpis/mrr/series?segment=smb&segment=smb", "segment", "segment is given twice"),
        ("/kpis/mrr/contributors?since=now", "since", "since is not before at"),
        ("/kpis/mrr/contributors?segment=small", "", "no account has segment 'small'"),
        ("/kpis/kpi_target/contributors", "", "is about other KPIs"),
        ("/kpis/mrr/movements", "since", "since must be given, such as since=2026-02-01"),
        ("/accounts/acct_1?at=now", "at", "known: format"),
        ("/quality?format=csv", "format", "known: none"),
    ],
)
def test_a_wrong_query(server: Server, path: str, parameter: str, detail: str) -> None:
    """The parameter is named, and the text says what it may be."""
    status, named, said = problem(get(server, path))
    assert (status, named) == (400, parameter)
    assert detail in said


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/api", "/api/v1/openapi.json"),
        ("/api/v2/kpis", "/api/v1/openapi.json"),
        ("/kpis/", "/api/v1/openapi.json"),
        ("/kpis/mrr/serie", "/api/v1/openapi.json"),
        ("/kpis/mrr/series/", "/api/v1/openapi.json"),
        ("/kpis/churn_mrr", "did you mean churned_mrr"),
        ("/kpis/xyz/series", "there is no KPI 'xyz'; /api/v1/kpis has all"),
        ("/kpis/arpa/movements?since=-30d", "only mrr, arr; /api/v1/kpis/arpa/contributors"),
        ("/accounts/", "/api/v1/openapi.json"),
        ("/accounts/nobody", "nothing is known of an account 'nobody'"),
    ],
)
def test_what_there_is_not(server: Server, path: str, detail: str) -> None:
    """The text leads to what there is."""
    status, _, said = problem(get(server, path))
    assert status == 404
    assert detail in said


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(server: Server, method: str) -> None:
    """Nothing can be changed here."""
    got = request(server, "/kpis", method=method)
    assert problem(got)[0] == 405
    assert got.headers["allow"] == "GET, HEAD"


def test_a_body(server: Server) -> None:
    """None is read."""
    assert problem(request(server, "/kpis", body=b"{}"))[0] == 413


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/kpis", "text/html"),
        ("/kpis", "application/json;q=0"),
        ("/quality", "text/csv"),
        ("/openapi.json", "text/csv"),
    ],
)
def test_other_types(server: Server, path: str, accept: str) -> None:
    """A client that takes none of the types is told which there are."""
    status, _, detail = problem(request(server, path, headers={"Accept": accept}))
    assert status == 406
    assert "application/json" in detail


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*;q=0.9, application/json;q=0.1", "text/csv; charset=utf-8"),
        ("nonsense", "application/json"),
    ],
)
def test_types_are_chosen(server: Server, accept: str, content_type: str) -> None:
    """What the client wants most; `format` is stronger."""
    got = request(server, "/kpis", headers={"Accept": accept})
    assert (got.status, got.headers["content-type"]) == (200, content_type)
    got = request(server, "/kpis?format=json", headers={"Accept": accept})
    assert got.headers["content-type"] == "application/json"


def test_a_long_query(server: Server) -> None:
    """More than a line of a request may have is not read."""
    assert get(server, "/kpis", after="x" * 5_000).status == 414
