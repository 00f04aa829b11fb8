"""Verbs that make data sets beside the real one: import, simulate, list, remove."""
