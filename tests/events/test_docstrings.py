"""The examples in the package's docstrings."""

import doctest
import importlib
import pkgutil

import pytest

import events

MODULES = sorted(module.name for module in pkgutil.iter_modules(events.__path__, "events."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    """Every module has a docstring, and every example in it is true."""
    module = importlib.import_module(name)
    assert module.__doc__
    assert doctest.testmod(module).failed == 0


def test_exports() -> None:
    """What the package offers is sorted, and all of it is there."""
    assert events.__all__ == sorted(events.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(events, name) for name in events.__all__)
