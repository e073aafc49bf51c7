"""A site whose name leads to this machine: what its pages get, in a real browser."""

import pytest

from tests.browser.chromium import launched
from tests.browser.service import Service

pytestmark = pytest.mark.broker

NAME = "rebound.example"


def test_a_site_that_has_its_name_lead_here_reads_nothing(service: Service) -> None:
    """Neither by a visit nor by a script, which is of the same origin then; loopback's name can."""
    port = service.url.rpartition(":")[2]
    with launched(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        page = browser.new_page()
        answer = page.goto(f"http://{NAME}:{port}/")
        assert answer is not None
        assert answer.status == 421
        for path in ("/accounts", "/metrics", "/api/v1/kpis"):
            asked = f"fetch({path!r}).then(got => got.status)"
            assert page.evaluate(asked) == 421
        own = page.goto(f"http://localhost:{port}/")
        assert own is not None
        assert own.status == 200
