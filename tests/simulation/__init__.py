"""A seeded simulation of workers, broker, board and exporter, without a server and without time.

Real ownership, restores, folding, checkpoints, publishing and feed; what they talk to is a
dictionary, and each step of it is a place where a process may be held up, overtaken or killed.
"""
