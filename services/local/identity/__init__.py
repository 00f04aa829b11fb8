"""Signing keys and tokens of the local issuer."""
