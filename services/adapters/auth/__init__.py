"""Authentication and rate limits: verified bearer tokens, pseudonyms, and how often a caller may do what."""
