"""The JSON Schemas in ``deploy/schemas`` are those of the models."""

from pathlib import Path

from events import EVENT_TYPES, write_schemas
from tests.conftest import Golden

OF_SETTINGS = "tidemark.schema.json"
"""Lies there too; tests/streams/settings has the test that it is current."""
DEPLOYED = Path(__file__).parents[2] / "deploy" / "schemas"


def test_deployed_schemas_are_current(tmp_path: Path, golden: Golden) -> None:
    """Each type's file is what `tidemark schemas` writes now, and there is no other."""
    write_schemas(tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == len(EVENT_TYPES)
    for name in written:
        golden(DEPLOYED / name, (tmp_path / name).read_text(encoding="utf-8"))
    assert {path.name for path in DEPLOYED.iterdir()} == {*written, OF_SETTINGS}
