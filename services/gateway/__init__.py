"""Shelters to Kafka: events over HTTP."""
