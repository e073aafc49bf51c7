"""Tests of the core: rows, families, ledger, catalogue, evaluation."""
