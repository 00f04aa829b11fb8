"""Verbs of an operator: watch, counts, verify, rebuild, dead letters, audit."""
