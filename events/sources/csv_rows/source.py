"""Rows of a CSV export, told by a mapping."""

from collections.abc import Iterator
from typing import IO, cast

from typing_extensions import override

from events.sources.csv_rows.mapping import Mapping
from events.sources.csv_rows.table import RowRecord, columns_of, rows
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError, Source


class CsvRows(Source[Mapping]):
    """Any CSV export: a mapping file says which columns are which fields."""

    NAME = "csv"
    OPTIONS = Mapping

    def __init__(self, options: Mapping) -> None:
        """Takes the mapping.

        Raises:
            MappingError: If it asks for what there is not.
        """
        super().__init__(options)
        columns_of(options)

    @override
    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        return rows(name, file, self.options, self.source, self.account)

    @override
    def take(self, record: Record, out: Outbox) -> None:
        row = cast(RowRecord, record)
        if row.fault is not None:
            raise GapError(*row.fault)
        if row.telling is None:
            raise GapError("no_header", "the file that it is a row of")
        if not any(row.cells):
            out.pass_over("a row without a cell")
        elif row.telling.ignores(row.cells):
            out.pass_over("ignored by the mapping")
        elif told := row.telling.events(row.cells):
            out.tell(row, *told)
        else:
            out.pass_over("a row that is there already")
