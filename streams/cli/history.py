"""Sources of history, opened by the names that commands are given."""

from pathlib import Path

from streams.local.sources import FileSource
from streams.settings import Settings
from streams.source import KAFKA_SCHEME, HistorySource


def open_source(name: str, settings: Settings, *, accept_missing: bool = False) -> HistorySource:
    """Opens a source by name: a file, ``-``, a data folder or ``kafka://HOST:PORT``.

    Args:
        name: The name.
        settings: Which say how a cluster is reached.
        accept_missing: Whether to read topics of which a part is gone.

    Raises:
        SourceError: If there is no such file, or the folder holds no events.
    """
    if not name.startswith(KAFKA_SCHEME):
        if Path(name).is_dir():
            from streams.local.data import FolderSource  # with all that folds

            return FolderSource(name)
        return FileSource(name)
    from streams.kafka.source import KafkaSource

    cluster = settings.cluster(name.removeprefix(KAFKA_SCHEME))
    return KafkaSource(cluster, accept_missing=accept_missing)
