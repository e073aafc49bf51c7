"""The KPI families, one a module; each module's ``FAMILY`` is found by being there."""
