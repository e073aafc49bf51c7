"""Stripe: its events, of every API version from acacia to 2026-10-28.endive, told as ours.

Which shape an event has is fixed when it is made, and told by which fields are there; so there is
one reader for all. Field names are those of Stripe's own libraries (Python 16.1.0).
"""
