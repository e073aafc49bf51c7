"""What ``deploy/grafana`` holds is current, and fits together."""

from pathlib import Path

from aggregates.policies.policy import Policy
from exporters.dashboards import dashboards
from tests.conftest import Golden
from tests.exporters.dashboards.made import shipped

DEPLOYED = Path(__file__).parents[3] / "deploy" / "grafana"
FOLDER = DEPLOYED / "dashboards" / "Tidemark"


def test_deployed_dashboards_are_current(golden: Golden) -> None:
    """Each file is what `tidemark dashboards` writes with the default settings, and there is no
    other."""
    made = dashboards(shipped(), Policy())
    for dashboard in made:
        golden(FOLDER / dashboard.file_name, dashboard.text)
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(d.file_name for d in made)


def test_provisioning_is_read_only() -> None:
    """Grafana neither deletes nor edits what it was given: the catalogue is the source."""
    source = (DEPLOYED / "provisioning" / "datasources" / "prometheus.yml").read_text()
    provider = (DEPLOYED / "provisioning" / "dashboards" / "tidemark.yml").read_text()
    assert "uid: prometheus\n" in source
    assert "editable: false\n" in source
    assert "disableDeletion: true\n" in provider
    assert "allowUiUpdates: false\n" in provider
    assert "foldersFromFilesStructure: true\n" in provider
