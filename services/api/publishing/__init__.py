"""How the API appends events to the log, or to the outbox while the log is away."""
