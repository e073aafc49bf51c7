"""Answers are tagged by what they are made of, compressed, and kept to who asked."""

import gzip
import json

import pytest

from aggregates.time.tile import TILE_MS
from exporters.api.api import Api
from exporters.http import Server
from exporters.site import Asked
from streams.local.embedded import Embedded
from tests.exporters.api import company
from tests.exporters.api.company import get, request

PATHS = (
    "/kpis",
    "/kpis/mrr",
    "/kpis/mrr/series?from=-3d",
    "/kpis/mrr/segments?format=csv",
)

OF_ACCOUNTS = (
    "/accounts/acct_1",
    "/kpis/mrr/contributors",
    "/kpis/mrr/movements?since=-30d&by=account",
)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_known_is_not_sent_again(server: Server, path: str) -> None:
    """With its tag nothing is sent; with another one everything."""
    got = get(server, path)
    tag = got.headers["etag"]
    assert got.headers["cache-control"] == "private, no-cache"
    for known in (tag, f'"other", {tag}', "*"):
        again = request(server, path, headers={"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
    assert request(server, path, headers={"If-None-Match": 'W/"other"'}).body == got.body


def test_tags_differ(server: Server) -> None:
    """Each query, and each type of its answer, has a tag of its own."""
    asked = [*PATHS, "/kpis?limit=1", "/kpis?limit=2", "/kpis/mrr/series?from=-4d"]
    tags = [get(server, path).headers["etag"] for path in asked]
    tags.append(request(server, "/kpis", headers={"Accept": "text/csv"}).headers["etag"])
    assert len(set(tags)) == len(tags)


def test_a_wrong_query_is_wrong_whatever_is_known(server: Server) -> None:
    """A condition does not make it right."""
    got = request(server, "/kpis/mrr/series?window=30d", headers={"If-None-Match": "*"})
    assert got.status == 400


def test_a_tag_ends_with_what_it_is_made_of() -> None:
    """An event, a quarter of an hour, or another process makes another tag."""
    embedded = Embedded(company.PLAN)
    first, *others = company.lines()[:200]
    embedded.take([first])
    embedded.publish()
    now_ms = [company.EDGE * TILE_MS - 1]
    asked = Asked("/api/v1/kpis/mrr/series", (("to", "2026-02-01"),))

    def tag(api: Api) -> str:
        return api.answer(asked).headers["ETag"]

    live = company.live(embedded, clock_ms=lambda: now_ms[0])
    api = Api(live, "0", None)
    tags = [tag(api)]
    assert tag(api) == tags[0]
    embedded.take(others)
    embedded.publish()
    tags.append(tag(api))
    now_ms[0] += TILE_MS
    tags.append(tag(api))
    tags.append(tag(Api(live, "0", None)))
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("path", OF_ACCOUNTS)
def test_what_accounts_have_has_no_tag(server: Server, path: str) -> None:
    """They may be merged while no figure changes, so nothing would tell that it is another."""
    got = request(server, path, headers={"If-None-Match": "*"})
    assert got.status == 200
    assert "etag" not in got.headers
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [*PATHS, *OF_ACCOUNTS])
def test_a_head_is_an_answer_without_a_body(server: Server, path: str) -> None:
    """HEAD tells the same headers."""
    got, head = get(server, path), request(server, path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    same = ("content-type", "content-length", "etag", "link")
    assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same]


def test_long_answers_are_compressed(server: Server) -> None:
    """They are the same inside; short ones and those who do not take it get them as they are."""
    got = request(server, "/kpis", headers={"Accept-Encoding": "gzip"})
    assert got.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(got.body)) == json.loads(get(server, "/kpis").body)
    assert len(got.body) * 3 < len(gzip.decompress(got.body))
    short = request(server, "/freshness", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_no_answer_is_open_to_other_sites(server: Server) -> None:
    """No header lets a page of another origin read it, and no type is guessed."""
    for path in (*PATHS, "/openapi.json", "/nothing"):
        headers = request(server, path, headers={"Origin": "https://elsewhere.example"}).headers
        assert not [name for name in headers if name.startswith("access-control")]
        assert headers["x-content-type-options"] == "nosniff"
