"""Explanations from event history: folded once for the figure, read again for the events."""

from collections.abc import Iterable, Mapping, Sequence

from aggregates.explanation.by_event import ByEvent
from aggregates.explanation.in_time import AnyEvent
from events import Decoder
from events.dialect import Dialect
from streams.local.intake import Intake
from streams.local.replay import Progress
from streams.source import HistorySource


def fold_rows(intake: Intake, sources: Sequence[HistorySource], progress: Progress) -> None:
    """Folds whole sources, and keeps the rows.

    Args:
        intake: What folds them.
        sources: Where the events are, in any order.
        progress: Called after each batch with the source being read.

    Raises:
        SourceError: If a source cannot be read.
    """
    for source in sources:
        for values in source.batches():
            intake.take(values, source.topic, source.belongs)
            progress(source)
    intake.settle()


def events_of(
    accounts: Iterable[str],
    by_event: ByEvent,
    sources: Sequence[HistorySource],
    dialect: Dialect,
) -> Mapping[str, Sequence[AnyEvent]]:
    """Returns the events of some accounts that may change a figure, by the key they travel under.

    Raises:
        SourceError: If a source cannot be read.
    """
    found: dict[str, list[AnyEvent]] = {account: [] for account in accounts}
    decoder = Decoder(dialect)
    for source in sources:
        for values in source.batches():
            batch = decoder.decode(values)
            for hot in batch.hot:
                if hot.data.account_id in found and by_event.takes(hot):
                    found[hot.data.account_id].append(hot)
            for event in batch.events:
                for key in event.keys:
                    if key in found and by_event.takes(event):
                        found[key].append(event)
    return found
