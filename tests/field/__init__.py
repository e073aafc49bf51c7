"""Situations that people who do this job reported in public, told as events, with right figures."""
