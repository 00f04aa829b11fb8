"""Fallbacks and waiting lists: what is logged when no place was found."""
