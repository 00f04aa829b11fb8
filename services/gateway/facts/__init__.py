"""Calls without an envelope: what a shelter says, in three members; the gateway makes the event."""
