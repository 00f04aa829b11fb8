"""Refusals: what of an organisation's own topic was refused and why, as its system reads it over Kafka and over HTTP."""
