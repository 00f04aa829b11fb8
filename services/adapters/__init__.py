"""Each outside thing once: the wire, topics, the view in Redis, settings, metrics, identity."""
