"""Stage 2: bitemporal tables of what was true when, and known when."""
