"""The reporter: one source system telling events about one account, or about no account.

Writes the CloudEvents envelope of everything but the hot usage lines (see `usage`). An id is
`evt_<prefix>_<number>`, numbered by the reporter itself, so that one part of the company never
shifts the ids of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from streams.simulator.stamp import stamp, whole_second

if TYPE_CHECKING:
    from .agenda import Agenda

_encode = msgspec.json.Encoder().encode


class Reporter:
    """Tells events of one source under ids of its own."""

    def __init__(self, agenda: Agenda, source: str, prefix: str, account_id: str | None) -> None:
        self._agenda = agenda
        self._source = source
        self._prefix = f"evt_{prefix}_"
        self._account_id = account_id
        self._told = 0

    def tell(
        self,
        time_ms: int,
        kind: str,
        data: Mapping[str, object],
        *,
        subject: str | None = None,
        sequence: int | None = None,
    ) -> str:
        """Tell one event and return its id; fields of `data` that are None are left out."""
        time_ms = whole_second(time_ms)
        self._told += 1
        event_id = f"{self._prefix}{self._told:x}"
        about = "" if subject is None else f',"subject":"{subject}"'
        if sequence is not None:
            about = f'{about},"sequence":"{sequence}"'
        envelope = (
            f'{{"specversion":"1.0","id":"{event_id}","source":"{self._source}",'
            f'"type":"{kind}","time":"{stamp(time_ms)}"{about},"data":'
        )
        body = {"account_id": self._account_id, **data}
        if None in body.values():
            body = {name: value for name, value in body.items() if value is not None}
        self._agenda.lines.append((time_ms, b"%b%b}" % (envelope.encode(), _encode(body))))
        return event_id


class Subject:
    """One entity of a reporter; its events carry the subject and count up `sequence`."""

    def __init__(self, reporter: Reporter, subject: str) -> None:
        self._reporter = reporter
        self.name = subject
        self._sequence = 0

    def tell(self, time_ms: int, kind: str, data: Mapping[str, object]) -> str:
        """Tell the next event of this entity and return its id."""
        self._sequence += 1
        return self._reporter.tell(time_ms, kind, data, subject=self.name, sequence=self._sequence)
