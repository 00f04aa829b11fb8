"""Kafka, Valkey and all services on one machine, one command, no container engine."""
