"""A mapping that is written in a test, run over a CSV file that is written there too."""

import tomllib

from events.sources.csv_rows.mapping import Mapping
from events.sources.csv_rows.source import CsvRows
from tests.events.sources.importing import Imported, imported

ANSWERS = """
[[rows]]
type = "survey_response.created"
id = "Id"
time = "When"
[rows.fields]
account_id = "Company"
response_id = "Id"
survey_type = { value = "nps" }
score = "Score"
"""
"""Answers to NPS surveys."""


def source_of(mapping: str) -> CsvRows:
    """Returns the source of a mapping as a person writes it."""
    return CsvRows(Mapping.model_validate(tomllib.loads(mapping)))


def told(mapping: str, *files: str | bytes) -> Imported:
    """Runs a mapping over files."""
    contents = [file.encode() if isinstance(file, str) else file for file in files]
    return imported(source_of(mapping), *contents)


def cell(entry: str, text: str, header: str = "", kind: str = "time.logged") -> Imported:
    """Tells one row, in which a column `X` is read as `entry` says.

    Args:
        entry: The line of the mapping.
        text: The cell.
        header: Lines that come first in the mapping.
        kind: The type of the event.
    """
    mapping = f"""
{header}
[[rows]]
type = "{kind}"
time = {{ value = "2026-01-01T00:00:00Z" }}
subject = {{ value = "s" }}
[rows.fields]
{entry}
"""
    return told(mapping, f'"X";"Y"\n"{text}";"y"\n')
