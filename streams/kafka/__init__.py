"""Kafka beside the worker: topics, runs of records, publishing, dead letters, reading a log."""
