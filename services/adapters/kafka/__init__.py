"""The event log in Kafka: clients, producer, reader, topics and access control."""
