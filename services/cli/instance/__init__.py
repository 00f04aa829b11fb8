"""Verbs that start, show and end what runs on this machine."""
