"""Support: tickets, their course, and the KPIs of volume, times and service levels."""
