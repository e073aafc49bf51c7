"""Tests of Stripe as a source."""
