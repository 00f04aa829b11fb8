"""The audit log: who looked at what, and who decided what."""
