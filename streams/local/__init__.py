"""One process without servers: replay, and the embedded service."""
