"""Clients of the API, Kafka and Redis for the verbs, and the small files that a verb leaves for the next one."""
