"""Plek: a real-time registry of places in women's shelters."""
