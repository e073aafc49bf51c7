"""The policies by area; ``aggregates.policies.policy.Policy`` is all of them together."""
