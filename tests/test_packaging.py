"""What is shipped, under which names, and from which versions.

The root package names are generic, and two of them are other people's distributions: nothing may
come between them and this checkout.
"""

import importlib
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("aggregates", "events", "exporters", "streams")
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?")


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def pins(lock: str) -> list[Requirement]:
    """The requirements of a lock file."""
    lines = (ROOT / lock).read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of all files in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("tidemark-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_root_package_is_the_checkouts_own(name: str) -> None:
    """The name resolves to the folder of this checkout, and no other distribution brings it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")
    owners = importlib.metadata.packages_distributions().get(name, [])
    assert set(owners) <= {"tidemark"}


def test_the_wheel_holds_the_four_packages_only(shipped: list[str]) -> None:
    """Tests, benchmarks and deployment files are not shipped; every package is."""
    roots = {file.split("/")[0] for file in shipped}
    assert {root for root in roots if not root.endswith(".dist-info")} == set(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_wheel_holds_every_file_of_a_package(shipped: list[str], name: str) -> None:
    """Modules and data files alike, the KPI catalogue among them."""
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(shipped)
    assert name != "aggregates" or "aggregates/catalogue.toml" in files


def test_it_cannot_be_published_by_mistake() -> None:
    """An index refuses a distribution with the private classifier."""
    assert "Private :: Do Not Upload" in project()["classifiers"]


def test_the_command_exists() -> None:
    """The console script names a callable."""
    module, _, function = project()["scripts"]["tidemark"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_plain_pins(lock: str) -> None:
    """Exact versions by name: no address of an index, no option, no path."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert "://" not in (ROOT / lock).read_text()


def test_the_locks_agree() -> None:
    """What runs in production is what is tested: each runtime pin is in the tools' lock too."""
    assert {str(pin) for pin in pins(LOCKS[0])} <= {str(pin) for pin in pins(LOCKS[1])}


def test_the_lock_satisfies_pyproject() -> None:
    """Each requirement is pinned at a version it allows; `make lock` renews the pins."""
    wanted = [(LOCKS[0], text) for text in project()["dependencies"]]
    wanted += [(LOCKS[1], text) for text in project()["optional-dependencies"]["dev"]]
    for lock, text in wanted:
        requirement = Requirement(text)
        found = [pin for pin in pins(lock) if pin.name == requirement.name]
        assert found, f"{lock} lacks {requirement.name}: run `make lock`"
        for pin in found:
            version = str(pin.specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{lock}: {pin} is not {requirement}"
