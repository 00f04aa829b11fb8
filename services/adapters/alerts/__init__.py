"""Alerts for the coordinators: the record that stands in Kafka, and how a service appends one."""
