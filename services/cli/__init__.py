"""The `plek` command: `main` lists the verbs, and the folders have them by who uses them."""
