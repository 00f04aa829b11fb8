"""Verbs of a crisis worker: searches, holds, fallbacks, waiting lists, and the duty list."""
