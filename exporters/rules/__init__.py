"""Recording and alerting rules for Prometheus, from the catalogue and the service's metrics."""

from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue
from exporters.rules.kpi_rules import KPI_FILE, kpi_rule_file
from exporters.rules.options import RuleOptions
from exporters.rules.rule import RuleFile
from exporters.rules.rule_text import rule_file_text
from exporters.rules.service_rules import SERVICE_FILE, service_rule_file

__all__ = [
    "KPI_FILE",
    "SERVICE_FILE",
    "RuleOptions",
    "rule_files",
    "write_rules",
]


def rule_files(catalogue: Catalogue, options: RuleOptions) -> tuple[RuleFile, ...]:
    """Returns all rule files."""
    return kpi_rule_file(catalogue, options), service_rule_file(options)


def write_rules(folder: Path, catalogue: Catalogue, options: RuleOptions) -> tuple[Path, ...]:
    """Writes all rule files into a folder, which is made if it is not there.

    Raises:
        OSError: If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in rule_files(catalogue, options):
        path = folder / file.name
        path.write_text(rule_file_text(file), encoding="utf-8")
        paths.append(path)
    return tuple(paths)
