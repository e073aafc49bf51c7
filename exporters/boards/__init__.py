"""Boards: in memory for one process, in Redis for many."""
