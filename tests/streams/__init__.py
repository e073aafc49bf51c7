"""Tests of the shell: Faust, Kafka, replay, simulator, command line."""
