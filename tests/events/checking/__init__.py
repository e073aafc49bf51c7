"""Tests of the checking of event files."""
