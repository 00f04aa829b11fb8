"""The API: where a place is free right now, holds, and what is done without one. Reads the view, appends its own events."""
