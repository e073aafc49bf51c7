"""The ledger: measures, and the integer cells that add them up."""
