"""What two or more services need of the outside world, each thing once: event log, view, auth, HTTP, settings, audit log, metrics."""
