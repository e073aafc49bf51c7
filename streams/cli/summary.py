"""What became of the records that a command took, in a line."""

from events.codec import UNKNOWN_FIELD
from streams.local.intake import Intake


def summary(intake: Intake) -> str:
    """Returns how many records were folded, refused and ignored, in words.

    What was folded may have been known before. Fields that are not known are no records.
    """
    refused = intake.rejected.total()
    ignored = intake.ignored.total() - intake.ignored[UNKNOWN_FIELD]
    folded = intake.records - refused - ignored
    return f"{folded} events folded, {refused} records refused, {ignored} ignored"
