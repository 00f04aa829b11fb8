"""Stage 1: the log as Parquet files."""
