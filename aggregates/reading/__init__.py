"""Reading: what each KPI of the catalogue comes to at a time, from the ledger."""
