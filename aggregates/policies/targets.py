"""Policies on targets."""

from aggregates.policies.area import Area


class TargetPolicy(Area):
    """Which of several benchmarks is the target in force."""

    industry: str | None = None
    """Name of the benchmark in force, such as `b2c` or `telecom`, for KPIs that have one of that
    name; others, and all without it, go by the first."""
