"""The pure core: rows, folds, contributions, ledger, KPI catalogue and its evaluation.

Nothing here does I/O, reads a clock or knows Kafka.
"""
