"""CSV exports of any tool, told as events by a mapping that its reader writes."""
