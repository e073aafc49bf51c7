"""Surveys: answers and the scores computed from them."""
