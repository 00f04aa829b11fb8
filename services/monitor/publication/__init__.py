"""Stage 4: snapshots and releases after disclosure control."""
