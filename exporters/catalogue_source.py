"""Where the catalogue comes from: it may change while an exporter runs."""

from dataclasses import dataclass
from typing import Protocol

from aggregates.catalogue.catalogue import Catalogue


class CatalogueSource(Protocol):
    """Returns the catalogue in force."""

    @property
    def problem(self) -> str:
        """Why what is there now is not in force; empty if it is."""

    def current(self) -> Catalogue:
        """Returns the catalogue in force: the last good one."""


@dataclass(frozen=True, slots=True)
class FixedCatalogue:
    """A catalogue that stays as it is."""

    catalogue: Catalogue
    problem: str = ""

    def current(self) -> Catalogue:
        """Returns it."""
        return self.catalogue
