"""Dashboards for Grafana, made from the catalogue: what is added there is shown."""

from exporters.dashboards.dashboard import Dashboard, dashboards, missing_tiles, unplaced

__all__ = ["Dashboard", "dashboards", "missing_tiles", "unplaced"]
