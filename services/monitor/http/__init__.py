"""What the monitor answers over HTTP: figures and snapshots to analysts, releases to anyone."""
