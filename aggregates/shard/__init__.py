"""A shard: the rows and the ledger of one partition, folded and settled."""
