"""The explorer: follows what workers have stored, read-only, for pages that name accounts."""
