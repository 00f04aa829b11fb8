"""Pages of figures: the explorer of an analyst, and what is published for anyone."""
