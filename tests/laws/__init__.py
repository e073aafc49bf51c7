"""Long runs of the laws, and the record of them."""
