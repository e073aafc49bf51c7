"""The tellers of all subjects, found by being there, as families are."""

import importlib
import pkgutil
from functools import cache
from typing import Final

from aggregates.rows.told import Teller
from aggregates.shard.plan import SUBJECTS

_NAME: Final = "TELLER"


@cache
def tellers() -> tuple[Teller, ...]:
    """Returns the ``TELLER`` of each module of the subjects, in their order."""
    found: list[Teller] = []
    for subject in SUBJECTS:
        package = importlib.import_module(f"aggregates.{subject}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            if (teller := getattr(module, _NAME, None)) is not None:
                found.append(teller)
    return tuple(sorted(found, key=lambda teller: teller.place))
