"""What many families share: how spans, covers and cohorts become contributions."""
