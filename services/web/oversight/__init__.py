"""Pages of an operator and of an auditor: the parts of Plek, and who looked at what."""
