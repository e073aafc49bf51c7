"""Two simulated years of alerts: figures as they were shown, the shipped rules, messages counted."""
