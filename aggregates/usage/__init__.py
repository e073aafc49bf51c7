"""Usage: users, their active days, and the KPIs of activity, adoption and seats."""
