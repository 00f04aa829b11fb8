"""Proposals: what a second person has to confirm before it moves households, from the first statement to the events in the log."""
