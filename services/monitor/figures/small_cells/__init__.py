"""Which cells an analyst may see: a grid drawn from registrations alone, and the answers that are limited to it."""
