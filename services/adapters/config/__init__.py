"""Settings from the environment, and the connections to Kafka and Redis that they describe."""
