"""History: figures of the past as Prometheus would have scraped them, written where it finds them.

Like its neighbours it may import ``events`` and ``aggregates``, never ``streams``.
"""
