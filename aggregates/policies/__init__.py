"""The policies by area; ``aggregates.policy.Policy`` is all of them together."""
