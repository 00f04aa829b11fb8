"""Kafka, Valkey and the token issuer as components of one machine."""
