"""KPI files: the shipped catalogue with the user's own files over it, followed while they change.

A file that cannot be used is refused with its name, line and reason; what was good before stays in
force until it is mended.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import CatalogueError, Source, shipped_source
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy

logger = logging.getLogger(__name__)

_Signature = tuple[tuple[int, int, int] | None, ...]


class KpiFiles:
    """The catalogue that some files make, read again when one of them changes.

    Attributes:
        problem: Why the files as they are now are refused; empty if they are in force.
    """

    def __init__(
        self,
        measures: Iterable[Measure],
        paths: Sequence[Path],
        policy: Policy | None = None,
    ) -> None:
        """Reads the files for the first time.

        Args:
            measures: The measures that formulas may read.
            paths: The user's files; a later one adds KPIs to earlier ones, or replaces fields.
            policy: The settings that formulas may read.

        Raises:
            CatalogueError: If a file cannot be read or used.
        """
        self.problem = ""
        self._measures = tuple(measures)
        self._paths = tuple(paths)
        self._policy = policy
        self._seen = self._signature()
        self._catalogue = self._load()

    def current(self) -> Catalogue:
        """Returns the catalogue of the files as they were when they were last good."""
        signature = self._signature()
        if signature != self._seen:
            self._seen = signature
            try:
                self._catalogue = self._load()
                self.problem = ""
                logger.info("KPI files were read again: %d KPIs", len(self._catalogue))
            except CatalogueError as error:
                self.problem = str(error)
                logger.warning("KPI files stay as they were: %s", error)
        return self._catalogue

    def _load(self) -> Catalogue:
        sources = map(_source, self._paths)
        return load(self._measures, shipped_source(), *sources, policy=self._policy)

    def _signature(self) -> _Signature:
        return tuple(map(_stamp, self._paths))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Returns what changes whenever a file does, or None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _source(path: Path) -> Source:
    try:
        return Source(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path}:1: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}:1: not UTF-8: {error}") from error
