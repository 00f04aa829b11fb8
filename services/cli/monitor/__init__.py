"""Verbs of the monitor: figures of a moment or a period, the report, what is published, SQL."""
