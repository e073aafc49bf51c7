"""The page on laws: what each says, and for how many random examples it held."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from tests.laws.found import Law
from tests.laws.record import Run

_HEAD: Final = """\
# Laws

<!-- Written by `make laws`; do not edit. -->

What must hold for every history is a test over random ones (`hypothesis`). `make test` gives each
law some dozens of examples, other ones each time; `make laws` gives it 20,000, goes on where it was
left, and writes this page.

```
make laws                                  # hours; LAW_EXAMPLES=1000 is less of it
make laws MINUTES=60                       # starts no more after an hour
```
"""


def page(laws: Sequence[Law], runs: Mapping[str, Run]) -> str:
    """Returns the page."""
    return "\n".join(_lines(laws, runs))


def _lines(laws: Sequence[Law], runs: Mapping[str, Run]) -> Iterator[str]:
    yield _HEAD
    held = [run for law in laws if (run := runs.get(law.name)) is not None and run.held]
    examples = sum(run.examples for run in held)
    said = f"{len(held)} held in their last long run, for {examples:,} examples in all"
    yield f"Of {len(laws)} laws {said}."
    for folder, own in groupby(laws, key=lambda law: _folder(law.name)):
        yield from ["", f"## {folder}", "", "| law | examples | build |", "|---|---:|---|"]
        yield from (_row(law, runs) for law in own)
    yield ""


def _folder(name: str) -> str:
    return name.partition("::")[0].removeprefix("tests/").rpartition("/")[0]


def _row(law: Law, runs: Mapping[str, Run]) -> str:
    says = law.says.replace("|", "\\|")
    run = runs.get(law.name)
    if run is None:
        return f"| {says} | none yet | |"
    examples = f"{run.examples:,}" if run.held else f"**not** for {run.examples:,}"
    return f"| {says} | {examples} | {run.commit}, {run.day} |"
