"""Readings to the outside: boards, the live reading, Prometheus exposition, the index page, HTTP.

May import ``events`` and ``aggregates``, never ``streams``; workers meet a board through a protocol
of their own.
"""
