"""The view in Redis: every key, its reader beside its writer, and a twin in memory that keeps the same promises."""
