"""Accessibility: what axe-core finds wrong on the pages, light and dark, which is nothing."""

import json

import pytest

from tests.browser.chromium import axe_source
from tests.browser.conftest import Opener
from tests.servers.required import available

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.mark.parametrize("path", ["/", "/?q=churn&window=month", "/kpis/gross_mrr_churn_ratio"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Opener, path: str, scheme: str) -> None:
    """Roles, names, order of headings and contrast of every text keep its rules."""
    with available():
        source = axe_source()
    page = opened(path, color_scheme=scheme)
    found = page.evaluate(
        f"async () => {{ {source}; const found = await axe.run({{runOnly: {json.dumps(RULES)}}});"
        "return [found.passes.length, found.violations.map((each) => [each.id, each.help,"
        "each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])] }"
    )
    passes, violations = found
    assert violations == []
    assert passes > 20
