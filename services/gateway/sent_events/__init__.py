"""What was sent about a shelter lately: the list of it, and how an event is undone."""
