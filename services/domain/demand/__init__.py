"""Demand: the fold of searches, fallbacks and waiting lists."""
