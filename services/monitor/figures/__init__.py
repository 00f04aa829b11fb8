"""Stage 3: the figures, each defined in a `.toml` file beside its calculator."""
