"""The event catalogue and the value types of its fields."""
