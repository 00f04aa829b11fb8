"""Verbs that send events, over HTTP or to Kafka."""
