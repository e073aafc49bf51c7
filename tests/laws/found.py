"""The laws that there are: properties over random histories, as pytest finds them.

A plugin of pytest, which writes down what is collected.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]

_FILE: Final = "LAWS_FOUND"
"""Names the file that the plugin writes."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law.

    Attributes:
        name: What pytest knows it by, without parameters.
        says: The first paragraph of its docstring.
    """

    name: str
    says: str


def pytest_collection_finish(session: pytest.Session) -> None:
    """Writes down each law that was collected."""
    found = {}
    for item in session.items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False):
            says = cleandoc(test.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
            found[item.nodeid.partition("[")[0]] = says
    Path(os.environ[_FILE]).write_text(json.dumps(found))


def laws(folder: str = "tests") -> list[Law]:
    """Returns the laws of tests that need no server, by name.

    Args:
        folder: Where they are, from the root of the repository.

    Raises:
        subprocess.CalledProcessError: If pytest cannot collect them.
    """
    asked = ["--collect-only", "-qq", "-p", __name__, "-m", "not broker", "-k", "law or laws"]
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "laws.json"
        subprocess.run(
            [sys.executable, "-m", "pytest", *asked, folder],
            cwd=ROOT,
            env=os.environ | {_FILE: str(file)},
            stdout=subprocess.PIPE,
            check=True,
        )
        found = json.loads(file.read_text())
    return [Law(name, found[name]) for name in sorted(found)]
