"""The examples in the package's docstrings."""

import doctest
import importlib
import pkgutil

import pytest

import exporters.history

MODULES = sorted(
    module.name for module in pkgutil.iter_modules(exporters.history.__path__, "exporters.history.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    """Every module has a docstring, and every example in it is true."""
    module = importlib.import_module(name)
    assert module.__doc__
    assert doctest.testmod(module).failed == 0
