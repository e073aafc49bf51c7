"""The data folder of ``tidemark run --data``: a log of events, and the rows folded from it.

The log is the truth: an event is in it, synced to the disk, before anybody is told that it was
accepted. The rows are what the log came to; lost or out of step, they are folded anew.
"""

from streams.local.data.database import DatabaseError
from streams.local.data.durable import Acceptance, Durable
from streams.local.data.event_log import EventLog, Kept
from streams.local.data.folder import DataFolder, FolderInUseError
from streams.local.data.folder_log import FolderLog
from streams.local.data.source import FolderSource, opened_log

__all__ = [
    "Acceptance",
    "DataFolder",
    "DatabaseError",
    "Durable",
    "EventLog",
    "FolderInUseError",
    "FolderLog",
    "FolderSource",
    "Kept",
    "opened_log",
]
