"""The rules of places, stays and holds (contract R1 to R14, D1 to D4): standard library only, no clock, no input or output, no async."""
