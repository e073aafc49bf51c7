"""Two simulated years of alerts: what is shown, the shipped rules, messages."""
