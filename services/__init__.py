"""Plek: a real-time registry of places in women's shelters."""

# The version of the package, of the HTTP API and of the documents, as SemVer 2.0.0 has it; its first number is the one in every path.
__version__ = "1.0.0"
