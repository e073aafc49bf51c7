"""The OpenAPI document is valid, and the API is as it says, whatever is asked."""

import copy
import json
from typing import Any, Final

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from exporters.api.api import OPERATIONS
from exporters.api.openapi import document_of
from exporters.http import Server
from tests.conftest import Golden
from tests.exporters.api import company
from tests.exporters.api.company import get

EXAMPLES_MAX: Final = 25
"""Requests to each operation."""

NARROWED: Final[dict[str, dict[str, Any]]] = {
    "kpi": {"enum": ["mrr", "arr", "churned_mrr", "arpa", "nps", "kpi_on_target", "no_such"]},
    "account": {"enum": ["acct_1", "acct_2", company.ODD, "no such"]},
    "at": {"enum": ["now", "2026-02-20", "2026-02-20T10:00:00+01:00"]},
    "since": {"enum": ["-30d", "2026-01", "2026-01-05T10:01"]},
    "from": {"enum": ["-30d", "2026-01", "2026-01-05T10:01"]},
    "to": {"enum": ["now", "2026-02-20"]},
    "window": {"enum": ["30d", "month", "90d"]},
    "segment": {"items": {"enum": ["enterprise", "segment=smb", "nobody"]}},
    "labels": {"properties": {"reason": {"enum": ["voluntary", "nothing"]}}, "maxProperties": 1},
}
"""Values that exist, and some that do not, so that more than their absence is asked about."""


def narrowed() -> dict[str, Any]:
    """The document with those values."""
    found = copy.deepcopy(document_of(OPERATIONS, "0"))
    own = [each for path in found["paths"].values() for each in path["get"]["parameters"]]
    for parameter in [*own, *found["components"]["parameters"].values()]:
        if "$ref" not in parameter:
            parameter["schema"] |= NARROWED.get(parameter["name"], {})
    return found


config = SchemathesisConfig.from_dict(
    {
        "generation": {"mode": "all"},
        "checks": {
            # what is of the right form may still be asked of a KPI that has none of it
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 404, 414]},
            "negative_data_rejection": {"expected-statuses": [400, 404, 405, 406, 414]},
        },
    }
)
schema = schemathesis.openapi.from_dict(narrowed(), config=config)


class _Whole(yaml.SafeDumper):
    """Writes what occurs twice twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def test_the_document(server: Server, golden: Golden) -> None:
    """It is served, tools that read OpenAPI 3.1 can read it, and its changes are seen."""
    document = json.loads(get(server, "/openapi.json").body)
    schemathesis.openapi.from_dict(document).validate()
    assert len(document["paths"]) == len(OPERATIONS) + 1
    written = yaml.dump(document, Dumper=_Whole, sort_keys=False, width=100, allow_unicode=True)
    golden("openapi.yaml", written)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=EXAMPLES_MAX, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described(server: Server, case: Case[Any]) -> None:
    """Status, type, schema and headers are those of the document, and what is wrong is refused."""
    case.call_and_validate(base_url=server.url)
