"""The kinds of rows, one entity a module."""
