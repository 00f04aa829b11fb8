"""The view as the API reads it: its age, its cache in this process, and what may be disclosed."""
