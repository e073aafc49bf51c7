"""The Dockerfile: what is installed is what is pinned, and it does not run as root.

That the pins install and that the wheel holds everything is shown by tests/test_packaging.py.
"""

import re
from pathlib import Path

import pytest

from tests.servers.compose import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()

Instruction = tuple[str, str]
"""An instruction and its arguments."""


def instructions() -> list[Instruction]:
    """The instructions of the Dockerfile, in order."""
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    assert not any(line.endswith("\\") for line in lines), "this reader knows no continued lines"
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def stages() -> list[list[Instruction]]:
    """The instructions of each stage."""
    found: list[list[Instruction]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def test_it_installs_in_one_stage_and_runs_in_another() -> None:
    """The last stage takes the installed environment, and neither the sources nor the installer."""
    build, final = stages()
    assert any(word == "RUN" and "pip install" in rest for word, rest in build)
    assert not any("pip" in rest for word, rest in final if word == "RUN")
    assert [rest for word, rest in final if word == "COPY"] == [
        "--from=build /opt/tidemark /opt/tidemark"
    ]


def test_both_stages_have_the_same_fixed_base() -> None:
    """An environment works with the interpreter that made it; the tag says which."""
    bases = {rest.removesuffix(" AS build") for word, rest in instructions() if word == "FROM"}
    [base] = bases
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base)


def test_the_pins_are_what_is_installed() -> None:
    """First the lock, then the distribution without looking for dependencies of its own."""
    build = stages()[0]
    installs = [rest for word, rest in build if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert installs[0].endswith("--requirement requirements.lock")
    assert "--no-deps" in installs[1].split()


def test_it_does_not_run_as_root() -> None:
    """A number, so that an orchestrator can see that it is not 0; files belong to root."""
    [user] = [rest for word, rest in stages()[-1] if word == "USER"]
    assert int(user) > 0
    assert f"--uid {user} " in DOCKERFILE


def test_no_secret_is_built_in() -> None:
    """No variable of a build or of the image is one."""
    named = [rest for word, rest in instructions() if word in ("ARG", "ENV")]
    assert not re.search(r"PASSWORD|SECRET|TOKEN|TIDEMARK_", " ".join(named))


def kept(path: str) -> bool:
    """Whether a file comes into the build: the last matching line decides, as Docker has it."""
    parts = [str(p) for p in (Path(path), *Path(path).parents)]
    decided = True
    for line in IGNORED:
        wanted, pattern = line.startswith("!"), line.removeprefix("!")
        regex = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(regex, part) for part in parts):
            decided = wanted
    return decided


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", ".cache/kafka/libs/x.jar", ".env", "tidemark.toml"),
        *("secrets/grafana-admin-password", "tests/conftest.py", "streams/__pycache__/app.pyc"),
        *("aggregates/rows/__pycache__/x.pyc", "deploy/prometheus/prometheus.yml"),
    ],
)
def test_the_build_is_not_sent_what_it_does_not_need(path: str) -> None:
    """Neither history nor environments, caches, settings and secrets."""
    assert not kept(path)


@pytest.mark.parametrize(
    "path",
    [
        *("pyproject.toml", "requirements.lock", "README.md", "LICENSE"),
        *("aggregates/catalogue.toml", "streams/cli/__init__.py", "events/__init__.py"),
        "exporters/pages/style.css",
        "exporters/pages/templates/kpi.html",
    ],
)
def test_the_build_is_sent_what_it_needs(path: str) -> None:
    """What pyproject.toml names, the pins and the four packages."""
    assert (ROOT / path).exists()
    assert kept(path)
