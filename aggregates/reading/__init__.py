"""Reading: the values of the KPIs of the catalogue at tile edges, from the ledger."""
