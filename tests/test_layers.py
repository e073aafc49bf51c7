"""The shape of the product: levels of packages, no circle anywhere, and the size of files.

The tables say which packages may import which. A package imports packages of lower levels, and of
its own level where that makes no circle. ``pyproject.toml`` has the same tables for import-linter,
which names the lines of an import that breaks them.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import grimp
import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
ROOTS: Final = ("aggregates", "events", "exporters", "streams")

LEVELS: Final = {
    "aggregates": (
        {"explanation"},
        {"health", "reading", "shard", "success"},
        {"catalogue", "revenue", "support", "surveys", "usage"},
        {"formula", "rows"},
        {"contributions", "policies"},
        {"ledger", "time"},
    ),
    "streams": (
        {"cli"},
        {"explorer"},
        {"doctor", "local", "simulator", "worker"},
        {"kafka", "pulse", "settings"},
        {"clock", "garbage", "kpi_files", "source", "variables"},
    ),
}
"""What each of two roots holds, the highest level first."""

ARROWS_MAX: Final = {"aggregates": 66}
"""Pairs of packages of which one imports the other."""

FILE_LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 60
PRODUCT_LINES_MAX: Final = 73_520

Arrows = Mapping[str, set[str]]
"""By name of a package or module, those beside it that it imports, or that a part of it imports."""


@cache
def graph() -> grimp.ImportGraph:
    """Returns all imports of the product; those under TYPE_CHECKING bind a reader too."""
    return grimp.build_graph(*ROOTS, cache_dir=None)


def arrows(package: str) -> Arrows:
    """Returns who imports whom among the direct children of a package."""
    imports = graph()
    found: dict[str, set[str]] = {}
    for child in imports.find_children(package):
        parts = {child} | imports.find_descendants(child)
        targets = {t for part in parts for t in imports.find_modules_directly_imported_by(part)}
        own = {t[len(package) + 1 :] for t in targets if t.startswith(f"{package}.")}
        name = child[len(package) + 1 :]
        found[name] = {each.split(".")[0] for each in own} - {name}
    return found


def circle(edges: Arrows) -> list[str]:
    """Returns the names along a circle; none if there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def packages() -> list[str]:
    """Returns every package of the product, whatever its depth."""
    return sorted(name for name in graph().modules if graph().find_children(name))


def contracts(kind: str) -> list[dict[str, Any]]:
    """Returns the contracts of one type that import-linter checks."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [each for each in table["contracts"] if each["type"] == kind]


def sources() -> Iterator[tuple[str, str]]:
    """Yields name and text of each file of the product."""
    for root in ROOTS:
        for path in sorted((ROOT / root).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("root", LEVELS)
def test_the_root_holds_what_the_table_says(root: str) -> None:
    """A new package needs a level, and one that is gone leaves the table."""
    assert set(arrows(root)) == set().union(*LEVELS[root])


@pytest.mark.parametrize("root", LEVELS)
def test_no_import_leads_upward(root: str) -> None:
    """A package imports nothing of a higher level."""
    level = {name: -place for place, names in enumerate(LEVELS[root]) for name in names}
    upward = [
        f"{root}.{above} -> {root}.{below}"
        for above, targets in arrows(root).items()
        for below in targets
        if above in level and below in level and level[below] > level[above]
    ]
    assert not upward


@pytest.mark.parametrize("root", ARROWS_MAX)
def test_few_packages_know_each_other(root: str) -> None:
    """Each arrow is one thing more to know before one package can be understood."""
    assert sum(map(len, arrows(root).values())) <= ARROWS_MAX[root]


@pytest.mark.parametrize("package", packages())
def test_no_circle(package: str) -> None:
    """What lies beside each other in a package can be read in some order."""
    assert circle(arrows(package)) == []


def test_no_module_is_needed_by_the_package_that_it_imports() -> None:
    """A module may import the package it lies in only if that package does without the module.

    This is a circle too, but not one among what lies beside each other.
    """
    imports = graph()
    found = [
        f"{module} <-> {package}"
        for module in imports.modules
        for package in imports.find_modules_directly_imported_by(module)
        if module.startswith(f"{package}.")
        and imports.chain_exists(importer=package, imported=module)
    ]
    assert not found


def test_circles_and_arrows_are_seen() -> None:
    """The graph is not empty, and the search for circles finds one where there is one."""
    assert set(ROOTS) <= set(packages())
    assert "rows" in arrows("aggregates")["usage"]
    assert len(packages()) > 20
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


@pytest.mark.parametrize("root", LEVELS)
def test_the_linter_has_the_same_levels(root: str) -> None:
    """`make lint` and this test cannot drift apart."""
    [contract] = [each for each in contracts("layers") if each.get("containers") == [root]]
    told = tuple(set(layer.split(" : ")) for layer in contract["layers"])
    assert told == LEVELS[root]
    assert contract["exhaustive"]


def test_the_linter_looks_for_circles_everywhere() -> None:
    """The contract on circles starts at all four roots."""
    [contract] = contracts("acyclic_siblings")
    assert sorted(contract["ancestors"]) == sorted(ROOTS)


def test_files_are_short() -> None:
    """A file is about one thing, and can be seen as one."""
    lines = {name: len(text.splitlines()) for name, text in sources()}
    assert len(lines) > 200
    assert {name: count for name, count in lines.items() if count > FILE_LINES_MAX} == {}


def test_functions_are_short() -> None:
    """A function can be seen at once."""
    lengths = {
        f"{name}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 1_000
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES_MAX} == {}


def test_the_product_does_not_grow_unseen() -> None:
    """Who raises this number says in the commit what it buys."""
    assert sum(len(text.splitlines()) for _, text in sources()) <= PRODUCT_LINES_MAX
