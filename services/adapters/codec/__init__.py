"""Bytes to events and back: the codec of the log, and the validation of what comes from outside."""
