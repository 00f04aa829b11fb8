"""Options that several verbs share, and the functions that turn what is typed into values."""
