"""Shelters to Kafka: events over HTTP, and what the own system of an organisation has written."""
