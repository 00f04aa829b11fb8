"""The read model in Redis: its keys, its fenced writer, its reader."""
