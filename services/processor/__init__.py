"""The processor: from the log to the view in Redis, with Faust."""
