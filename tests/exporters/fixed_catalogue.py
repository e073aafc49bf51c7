"""A source whose catalogue stays as it is."""

from dataclasses import dataclass

from aggregates.catalogue.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class FixedCatalogue:
    """A catalogue that stays as it is."""

    catalogue: Catalogue
    problem: str = ""

    def current(self) -> Catalogue:
        """Returns it."""
        return self.catalogue
