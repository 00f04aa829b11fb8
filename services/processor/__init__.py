"""Kafka to Redis: the Faust app that keeps the view."""
