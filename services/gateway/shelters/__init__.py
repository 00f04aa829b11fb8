"""What the gateway knows of a shelter: who may speak for it, what the view shows of it, and handles of its events."""
