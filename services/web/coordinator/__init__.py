"""Pages of a coordinator: who to ring, what waits, what is proposed, and new shelters and units."""
