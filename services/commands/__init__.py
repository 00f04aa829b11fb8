"""One module a verb of the plek command: its function `run` is the verb, its docstring the help."""
