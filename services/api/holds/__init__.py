"""Holds: request, decision, extension, release, take-over, and the answer of the shelter."""
