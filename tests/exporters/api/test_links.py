"""Pages lead to the same as JSON."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from exporters.http import Server
from tests.exporters.api import company
from tests.exporters.api.company import request


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "kpis"),
        ("/kpis/mrr", "kpi"),
        ("/kpis/churned_mrr/why?days=90&window=month&reason=voluntary", "contributors"),
        (f"/account?id={quote(company.ODD)}", "account"),
    ],
)
def test_a_page_leads_to_json(server: Server, path: str, told: str) -> None:
    """The link at its foot is answered, by what the page shows."""
    got = request(server, path, root="")
    footer = got.body.decode().partition("<footer>")[2]
    [link] = re.findall(r'href="(/api/[^"]+)"', footer)
    answer = request(server, unescape(link))
    assert answer.status == 200
    assert told in answer.json
    assert told != "account" or answer.json["account"] == company.ODD
