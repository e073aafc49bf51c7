"""What all parts share of Kafka: topics, runs of records, publishing, dead letters, a source."""
