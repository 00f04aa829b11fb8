"""The gateway: events over HTTP into Kafka, and what the system of an organisation has written itself."""
