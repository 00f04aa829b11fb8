"""The verbs of the plek command: a module each, its function `run` the verb and its docstring the help; beside them what they share."""
