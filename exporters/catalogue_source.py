"""Where the catalogue comes from: it may change while an exporter runs."""

from typing import Protocol

from aggregates.catalogue.catalogue import Catalogue


class CatalogueSource(Protocol):
    """Returns the catalogue in force."""

    @property
    def problem(self) -> str:
        """Why what is there now is not in force; empty if it is."""

    def current(self) -> Catalogue:
        """Returns the catalogue in force: the last good one."""
