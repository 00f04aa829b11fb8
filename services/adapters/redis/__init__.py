"""Clients of Redis, and automatic pipelining."""
