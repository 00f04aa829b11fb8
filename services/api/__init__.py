"""Redis to JSON: where is a place free right now."""
