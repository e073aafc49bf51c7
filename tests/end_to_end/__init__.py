"""Tidemark as a user runs it: the command line and real servers; figures must equal a replay."""
