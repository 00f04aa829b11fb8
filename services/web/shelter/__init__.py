"""Pages of a shelter: its units, in and out, and who waits for an answer."""
