"""Time: tiles, days in a time zone, windows and business hours."""
