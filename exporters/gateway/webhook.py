"""A webhook: bodies that a foreign system posts, told as our events."""

import io
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain, islice
from typing import Any, Final

from events.log import Letter
from events.sources.checker import Checker
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import Source, take
from exporters.gateway.body import BodyError
from exporters.gateway.signatures import Verify

RECORDS_MAX: Final = 10_000
"""In a body: Segment's largest batch has half a megabyte, some thousand messages. So many are told
within a second, in which nobody else is answered; two million fit a body if they are small."""

UNTOLD_MAX: Final = 100
"""Records that are tried again: what they lack comes within seconds, in whatever order a system
sends, and to try them takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body came to.

    Attributes:
        events: Well-formed events, one line each.
        letters: Records that cannot be told exactly, with the reason.
        passed: How many records say nothing about a KPI.
    """

    events: list[bytes]
    letters: list[Letter]
    passed: int


class Webhook:
    """One place that a foreign system posts to. Not for several threads at once.

    Attributes:
        name: The last part of its path.
        unstored: What was read and is not in the log yet. Its source knows these records, and may
            tell nothing when they are sent again.
    """

    def __init__(
        self, name: str, source: Source[Any], verify: Verify, secrets: Sequence[str]
    ) -> None:
        """Takes what it is.

        Args:
            name: The last part of its path.
            source: What tells its records.
            verify: How bodies are signed.
            secrets: Any of which may have signed them, one at least.
        """
        if not secrets:
            raise ValueError(f"webhook {name}: needs a secret")
        self.name = name
        self._source = source
        self._verify = verify
        self._secrets = secrets
        self.unstored: list[Reading] = []
        self._checker = Checker()
        self._untold: deque[Record] = deque(maxlen=UNTOLD_MAX)

    def check(self, headers: Mapping[str, str], body: bytes, now_s: float) -> None:
        """Checks who sent a body.

        Raises:
            SignatureError: If it was not signed by any of the secrets, or at another time.
        """
        self._verify(headers, body, self._secrets, now_s)

    def read(self, body: bytes) -> Reading:
        """Tells the records of a body, and those from before that can be told now.

        What a source would hold back for records to come is kept as a letter, since an answer says
        that nothing is lost. It is tried again with each body, as long as it is remembered, and is
        no letter a second time.

        Raises:
            BodyError: If it holds too many records, none of which is told then.
        """
        records = list(islice(self._source.records(self.name, io.BytesIO(body)), RECORDS_MAX + 1))
        if len(records) > RECORDS_MAX:
            text = f"a body has at most {RECORDS_MAX} records: none was taken, send fewer at a time"
            raise BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        out = Outbox()
        untold = {id(record): record for record in self._untold}
        for record in chain(records, untold.values()):
            take(self._source, record, out)
        self._source.end(out)
        events = [line for lines in self._checker.lines(out) for line in lines]
        self._source.prune()
        gaps = {id(gap.record): gap for gap in out.gaps}
        still = [record for at, record in untold.items() if at in gaps]
        new = [gap for at, gap in gaps.items() if at not in untold]
        self._untold = deque([*still, *(gap.record for gap in new)], UNTOLD_MAX)
        origin = f"webhooks/{self.name}"
        letters = [Letter(origin, each.reason, each.needs, each.record.raw) for each in new]
        return Reading(events, letters, sum(out.passed.values()))
