"""Where a place is free right now, holds, and what is done without one: reads the view, appends its own events, pushes what changed."""
