"""Searches: which places fit a household, as offers that say where."""
