"""Kafka, Valkey and all services on one machine with one command and no container engine."""
