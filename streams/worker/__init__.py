"""The worker: a Faust app with a batching transport, tables, checkpoints and a board writer."""
