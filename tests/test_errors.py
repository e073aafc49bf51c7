"""Own exceptions: all derive from one root and are named as errors."""

from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
from pkgutil import walk_packages

import pytest

import aggregates
import events
import exporters
import streams
from events.errors import TidemarkError


def defined() -> Iterator[type[BaseException]]:
    """Yields every exception class that a module of the four packages defines."""
    for package in (aggregates, events, exporters, streams):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            for _, member in getmembers(module, isclass):
                if issubclass(member, BaseException) and member.__module__ == found.name:
                    yield member


@pytest.mark.parametrize("error", list(defined()), ids=lambda error: error.__qualname__)
def test_one_root_and_one_suffix(error: type[BaseException]) -> None:
    """Who catches the root catches all that is ours; a name says that it is an error."""
    assert issubclass(error, TidemarkError)
    assert error.__name__.endswith("Error")


def test_all_are_found() -> None:
    """The search reaches every package."""
    packages = {error.__module__.partition(".")[0] for error in defined()}
    assert packages == {"aggregates", "events", "exporters", "streams"}
