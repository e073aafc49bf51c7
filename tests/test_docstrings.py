"""The examples in the docstrings of the product run, every one, and say what comes out."""

import doctest
import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOTS: Final = ("aggregates", "events", "exporters", "streams")

EXAMPLES_MIN: Final = {"aggregates": 90, "events": 8, "exporters": 15, "streams": 10}
"""Fewer would mean that the search finds nothing, or that somebody has cut them out."""


@cache
def modules() -> tuple[str, ...]:
    """Returns the name of every module of the product."""
    found = []
    for root in ROOTS:
        path = importlib.import_module(root).__path__
        found += [root, *(each.name for each in pkgutil.walk_packages(path, f"{root}."))]
    return tuple(found)


def written(name: str) -> int:
    """Counts the examples that a module's text has."""
    file = importlib.import_module(name).__file__
    assert file is not None
    return len(re.findall(r"^\s*>>> ", Path(file).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", modules())
def test_examples_hold(name: str) -> None:
    """Every module has a docstring, and every example that is written in it is run and true."""
    module = importlib.import_module(name)
    assert module.__doc__
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried == written(name), "an example is where doctest does not look"


@pytest.mark.parametrize("root", ROOTS)
def test_there_are_examples(root: str) -> None:
    """The search has found the package, and examples in it."""
    own = [name for name in modules() if name == root or name.startswith(f"{root}.")]
    files = len(list(Path(importlib.import_module(root).__path__[0]).rglob("*.py")))
    assert len(own) == files
    assert sum(map(written, own)) >= EXAMPLES_MIN[root]


def test_what_events_offer() -> None:
    """What the package of events offers is sorted, and all of it is there."""
    events = importlib.import_module("events")
    assert events.__all__ == sorted(events.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(events, name) for name in events.__all__)
