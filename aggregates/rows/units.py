"""Units: which rows are read together. Only exceptions are kept: most rows are a unit alone."""

from collections.abc import Mapping
from typing import Any

from aggregates.rows.kind import RowKey, RowKind


class Units:
    """The units of the rows of one partition."""

    def __init__(
        self,
        kinds: Mapping[str, RowKind[Any]],
        rows: Mapping[str, Mapping[str, Mapping[str, Any]]],
    ) -> None:
        """Takes the kinds by name, and the rows by kind, account and entity."""
        self._kinds = kinds
        self._rows = rows
        self._units: dict[tuple[str, str], dict[str, str]] = {}
        self._members: dict[RowKey, set[str]] = {}

    def of(self, key: RowKey) -> str:
        """Returns the unit that a row is filed under."""
        return self._units.get((key.kind, key.account), {}).get(key.entity, key.entity)

    def all(self, kind: str, account: str) -> set[str]:
        """Returns the units of the rows of a kind of one account."""
        units = self._units.get((kind, account), {})
        return {units.get(entity, entity) for entity in self._of(kind, account)}

    def members(self, unit: RowKey) -> list[Any]:
        """Returns the rows of a unit, by entity."""
        rows = self._of(unit.kind, unit.account)
        entities = set(self._members.get(unit, ()))
        if unit.entity in rows and self.of(unit) == unit.entity:
            entities.add(unit.entity)
        return [rows[entity] for entity in sorted(entities) if entity in rows]

    def is_single(self, key: RowKey) -> bool:
        """Returns whether a row is a unit of its own, without others in it."""
        units = self._units.get((key.kind, key.account))
        return not units or not (self._members.get(key) or key.entity in units)

    def moves(self, key: RowKey, row: Any) -> list[tuple[str, str]]:
        """Returns the entities that change their unit, each with its new one, as a row is filed.

        Args:
            key: The row that changed, filed or about to be filed.
            row: Its new content.
        """
        kind = self._kinds[key.kind]
        rows = self._of(key.kind, key.account)
        if rows.get(key.entity) is not row:
            rows = {**rows, key.entity: row} if kind.joins else {key.entity: row}
        unit = self.of(key)
        entities = {key.entity}
        if kind.joins:
            entities |= self._members.get(RowKey(key.kind, key.account, unit), set())
            entities |= {unit} & rows.keys()
        moves = []
        for entity in sorted(entities):
            new = kind.unit(entity, rows)
            if new != self.of(RowKey(key.kind, key.account, entity)):
                moves.append((entity, new))
        return moves

    def move(self, key: RowKey, unit: str) -> None:
        """Files a row under another unit."""
        units = self._units.setdefault((key.kind, key.account), {})
        old = units.pop(key.entity, None)
        if old is not None:
            self._members[RowKey(key.kind, key.account, old)].discard(key.entity)
        if unit != key.entity:
            units[key.entity] = unit
            self._members.setdefault(RowKey(key.kind, key.account, unit), set()).add(key.entity)

    def regroup(self) -> None:
        """Files every row under its unit anew."""
        self._units.clear()
        self._members.clear()
        for kind in self._kinds.values():
            for account, rows in self._rows[kind.name].items():
                for entity in rows:
                    unit = kind.unit(entity, rows)
                    if unit != entity:
                        self.move(RowKey(kind.name, account, entity), unit)

    def _of(self, kind: str, account: str) -> Mapping[str, Any]:
        return self._rows[kind].get(account, {})
