"""Which places fit a household, near misses, and how coarsely an answer shows counts."""
