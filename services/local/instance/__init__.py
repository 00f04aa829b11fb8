"""One data directory: its lock, its status, and how a running instance is found."""
