"""The oracle: every figure computed once more, with SQL over the raw events."""
