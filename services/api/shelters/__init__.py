"""Shelters as a caller with a right to them reads them."""
