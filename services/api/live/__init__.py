"""Push: changes of the view as server-sent events."""
