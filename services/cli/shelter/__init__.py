"""Verbs of a shelter: what happened there, what it sent, its registration and units, and its answer to a hold."""
