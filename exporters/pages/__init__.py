"""Pages for people: a KPI's course, from the same ledger as its gauge."""
