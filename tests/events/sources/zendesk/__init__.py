"""Tests of the source of Zendesk's events."""
